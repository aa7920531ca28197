"""How PostgreSQL is reached: never a standby, and of several hosts the one that takes writes."""

import os

from psycopg.conninfo import conninfo_to_dict, make_conninfo

_WHICH = "target_session_attrs"


def conninfo(url: str) -> str:
    """What to connect with: a URL that does not say which server it means, means one that can write.

    Where there is one host it must not be a standby, to which a proxy or a name may lead around a failover:
    its answers are old. A server that takes no writes for a while (a full disk) can still be read from. Of
    several hosts the first that takes writes is meant.
    """
    given = conninfo_to_dict(url)
    if _WHICH in given or os.environ.get("PGTARGETSESSIONATTRS"):
        return url
    return make_conninfo(url, **{_WHICH: "read-write" if has_several_hosts(url) else "primary"})


def has_several_hosts(url: str) -> bool:
    """Return whether a URL names more than one server."""
    given = conninfo_to_dict(url)
    return any("," in str(given.get(word) or "") for word in ("host", "hostaddr"))
