"""Being signed in with a key for a while: a token that names the key, and lets nobody make another.

A token holds the id of the key and the moment at which it ends, with a keyed digest of both, and no secret.
The key itself is looked at each time: once it is revoked or over, so is the session.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from application.access import Actor
from application.eventstore.keyring import Keyring
from application.keys.api_keys import ApiKeys, Unauthenticated
from application.reasons import BAD_KEY
from domain.refusal import Fault

# Without a request for so long, a session is over.
IDLE = timedelta(minutes=60)
# A session that goes on gets a new token after so long.
RENEWED_AFTER = timedelta(minutes=5)
_SECRET = "page-session"  # noqa: S105  the name of a secret
_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Who is signed in, and the token to go on with where the one that was shown is to be replaced."""

    actor: Actor
    token: str | None


class Sessions:
    """Begins sessions and goes on with them."""

    def __init__(self, *, api_keys: ApiKeys, keyring: Keyring, now: Callable[[], datetime]) -> None:
        self._api_keys = api_keys
        self._keyring = keyring
        self._now = now

    def begin(self, key: str) -> Session:
        """Sign somebody in. Raises `Unauthenticated`, without saying what was wrong with the key."""
        actor = self._api_keys.authenticate(key)
        return Session(actor=actor, token=self._token(actor.key or ""))

    def resume(self, token: str) -> Session:
        """Go on with a session. Raises `Unauthenticated` where it is over, or the token none of ours."""
        key_id, ends, digest = self._read(token)
        now = self._now()
        wrong = not hmac.compare_digest(digest, self._digest(key_id, ends))
        if wrong or not now < (over := datetime.fromtimestamp(ends, tz=UTC)) <= now + IDLE + RENEWED_AFTER:
            raise Unauthenticated(Fault(reason=BAD_KEY))
        actor = self._api_keys.holder_of(key_id)
        late = over - now < IDLE - RENEWED_AFTER
        return Session(actor=actor, token=self._token(key_id) if late else None)

    def _token(self, key_id: str) -> str:
        ends = int((self._now() + IDLE).timestamp())
        return f"{key_id}.{ends}.{self._digest(key_id, ends)}"

    def _read(self, token: str) -> tuple[str, int, str]:
        parts = token.split(".")
        if len(token) > _LONGEST or not token.isascii() or len(parts) != 3 or not parts[1].isdigit():
            raise Unauthenticated(Fault(reason=BAD_KEY))
        key_id, ends, digest = parts
        if len(ends) > 12:
            raise Unauthenticated(Fault(reason=BAD_KEY))
        return key_id, int(ends), digest

    def _digest(self, key_id: str, ends: int) -> str:
        return self._keyring.digest(_SECRET, key_id, ends).hex()
