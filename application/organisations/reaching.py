"""How somebody can be reached: what each shipped channel needs, as far as it can be seen before any call."""

import base64
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv6Address, ip_address, ip_network
from types import MappingProxyType

import httpx
from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from application.reasons import INSIDE_ADDRESS
from application.settings import is_mail_address
from domain.refusal import Fault, Invalid, Reason, refuses
from domain.streams.organisations.unit import RecipientRegistered

NO_WEB_ADDRESS = Reason(
    code="no_web_address",
    zh="webhook 的地址须为 http(s) 网址，不含用户名和密码",
    en="The address of a webhook must be an http(s) URL without user and password.",
)
PLAIN_HTTP = Reason(
    code="address_needs_https",
    zh="webhook 的地址须为 https 网址",
    en="The address of a webhook must be an https URL. Nothing is sent over plain http.",
)
NO_WEBHOOK_SECRET = Reason(
    code="no_webhook_secret",
    zh="webhook 须有签名密钥：whsec_ 加 base64",
    en="A webhook needs a signing secret: whsec_ followed by base64.",
)
SHORT_WEBHOOK_SECRET = Reason(
    code="webhook_secret_too_short",
    zh="webhook 的签名密钥至少 24 字节",
    en="The secret of a webhook must have at least 24 bytes.",
)
NO_MAIL_ADDRESS = Reason(
    code="no_mail_address",
    zh="email 的地址须为一个电子邮件地址",
    en="The address must be a single plain e-mail address.",
)
REACHES_NOBODY = Reason(
    code="channel_reaches_nobody",
    zh="ping 只通知外部监控，不能用于通知人",
    en="The channel ping is for the outside monitor and reaches no person.",
)
NOT_SHIPPED = Reason(
    code="channel_not_shipped",
    zh="该方式并非系统自带；如后台进程也没有安装，通知将无法发出",
    en="This channel does not come with CareLedger. Nothing is sent by it unless the workers "
    "have it installed.",
)

FEWEST_SECRET_BYTES = 24
_LAST_PORT = 65_535
_LONGEST_HOST = 253
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
# Named here, since releases of Python differ in what they hold for public.
_INSIDE = tuple(
    map(
        ip_network,
        (
            "192.0.0.0/24",
            "192.88.99.0/24",
            "64:ff9b::/96",
            "64:ff9b:1::/48",
            "2001::/23",
            "2002::/16",
            "3fff::/20",
            "5f00::/16",
            "fec0::/10",
        ),
    )
)


def is_web_address(address: str | None) -> bool:
    """Return whether this is the URL of a host, without user and password."""
    try:
        url = httpx.URL(address or "")
        host, port = url.raw_host.decode(), url.port or 0
    except (httpx.InvalidURL, UnicodeError):
        # The second is said of a name such as "xn--", which looks encoded and isn't.
        return False
    return url.scheme in {"http", "https"} and _is_host(host) and port <= _LAST_PORT and not url.userinfo


def _is_host(host: str) -> bool:
    """Return whether this could be looked up: an address without a zone, or a name of plain labels."""
    if ":" in host:
        try:
            return ip_address(host).version == 6 and "%" not in host
        except ValueError:
            return False
    name = host.removesuffix(".").lower()
    return len(name) <= _LONGEST_HOST and all(map(_LABEL.fullmatch, name.split(".")))


def web_fault(address: str | None, *, allow_private: bool) -> Reason | None:
    """Return why nothing is ever sent to a URL, as far as can be seen without looking a name up; None where
    nothing speaks against it.

    The sender and the registration ask this alike. `allow_private` permits plain http and hosts inside.
    """
    if not is_web_address(address):
        return NO_WEB_ADDRESS
    url = httpx.URL(address or "")
    if allow_private:
        return None
    if url.scheme != "https":
        return PLAIN_HTTP
    name = url.raw_host.decode().rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return INSIDE_ADDRESS
    return None if all(map(is_public, _literals(name))) else INSIDE_ADDRESS


def is_public(address: str) -> bool:
    """Return whether an IP address may be called: it is not of this machine or of a network inside."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        ip = ip.ipv4_mapped or ip
    return (
        not any(ip in network for network in _INSIDE)
        and ip.is_global
        and not ip.is_multicast
        and not ip.is_reserved
    )


def signs(secret: str | None) -> bool:
    """Return whether a webhook can be signed with this."""
    try:
        Webhook(secret or "")
    except (ValueError, EmptyWebhookSecretError):
        return False
    return True


@refuses(
    NO_WEB_ADDRESS,
    PLAIN_HTTP,
    INSIDE_ADDRESS,
    NO_WEBHOOK_SECRET,
    SHORT_WEBHOOK_SECRET,
    NO_MAIL_ADDRESS,
    REACHES_NOBODY,
)
def refuse_unreachable(recipient: RecipientRegistered, *, allow_private: bool) -> list[Reason]:
    """Refuse whom its channel could never reach; give what may be wrong all the same. Raises `Invalid`.

    Asked when somebody is registered: what is in the log stays, and the start of the watch looks at it.
    `allow_private` is what the watch permits (`CARELEDGER_WEBHOOK_ALLOW_PRIVATE`).
    """
    needs = _NEEDS.get(recipient.channel)
    if needs is None:
        return [NOT_SHIPPED]
    if faults := list(needs(recipient, allow_private)):
        raise Invalid(*faults)
    return []


def _needs_of_webhook(known: RecipientRegistered, allow_private: bool) -> Iterator[Fault]:  # noqa: FBT001
    if (reason := web_fault(known.address, allow_private=allow_private)) is not None:
        yield Fault(reason=reason, pointer="/address")
    if not signs(known.secret):
        yield Fault(reason=NO_WEBHOOK_SECRET, pointer="/secret")
    elif len(_secret_bytes(known.secret or "")) < FEWEST_SECRET_BYTES:
        yield Fault(reason=SHORT_WEBHOOK_SECRET, pointer="/secret")
    # A weak one is replaced by a strong one, so the one before may be weak.
    if known.previous_secret is not None and not signs(known.previous_secret):
        yield Fault(reason=NO_WEBHOOK_SECRET, pointer="/previous_secret")


def _needs_of_email(known: RecipientRegistered, _allow_private: bool) -> Iterator[Fault]:  # noqa: FBT001
    if not is_mail_address(known.address):
        yield Fault(reason=NO_MAIL_ADDRESS, pointer="/address")


def _secret_bytes(secret: str) -> bytes:
    """Decode a secret that signs, as the library does: its padding may be missing."""
    return base64.b64decode(secret.removeprefix("whsec_") + "==")


def _literals(host: str) -> list[str]:
    """Return the addresses that a host is by itself, in any notation the system takes; none for a name."""
    try:
        found = socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return []
    return [str(address[0]) for *_, address in found]


# By the names of the channels that are there; the watch may know more, each by a file of its own.
_NEEDS: Mapping[str, Callable[[RecipientRegistered, bool], Iterator[Fault]]] = MappingProxyType(
    {
        "inbox": lambda _known, _allow_private: iter(()),
        "email": _needs_of_email,
        "webhook": _needs_of_webhook,
        "ping": lambda _known, _allow_private: iter([Fault(reason=REACHES_NOBODY, pointer="/channel")]),
    }
)
