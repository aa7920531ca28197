"""How somebody can be reached: what each shipped channel needs, as far as it can be seen before any call."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import httpx
from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from application.settings import is_mail_address
from domain.org import RecipientRegistered
from domain.refusal import Fault, Invalid, Reason

NO_WEB_ADDRESS = Reason(
    code="no_web_address",
    zh="webhook 的地址须为 http(s) 网址，不含用户名和密码",
    en="A webhook needs an http(s) URL as its address, without user and password.",
)
NO_WEBHOOK_SECRET = Reason(
    code="no_webhook_secret",
    zh="webhook 须有签名密钥：whsec_ 加 base64",
    en="A webhook needs a secret that signs: whsec_ and base64.",
)
NO_MAIL_ADDRESS = Reason(
    code="no_mail_address",
    zh="email 的地址须为一个电子邮件地址",
    en="E-mail needs one plain e-mail address as its address.",
)
REACHES_NOBODY = Reason(
    code="channel_reaches_nobody",
    zh="ping 只通知外部监控，不能用于通知人",
    en="The channel ping tells the outside monitor and reaches no person.",
)
NOT_SHIPPED = Reason(
    code="channel_not_shipped",
    zh="该方式并非系统自带；如后台进程也没有安装，通知将无法发出",
    en="This channel does not come with CareLedger: unless the workers have it added, nothing is sent by it.",
)

_LAST_PORT = 65_535
_Need = tuple[Reason, str, Callable[[RecipientRegistered], bool]]


def is_web_address(address: str | None) -> bool:
    """Tell whether this is the URL of a host, without user and password."""
    try:
        url = httpx.URL(address or "")
        host, port = url.host, url.port or 0
    except (httpx.InvalidURL, UnicodeError):
        # The second is said of a name such as "xn--", which looks encoded and isn't.
        return False
    return url.scheme in {"http", "https"} and bool(host) and port <= _LAST_PORT and not url.userinfo


def signs(secret: str | None) -> bool:
    """Tell whether a webhook can be signed with this."""
    try:
        Webhook(secret or "")
    except (ValueError, EmptyWebhookSecretError):
        return False
    return True


# By the names of the channels that are there; the watch may know more, each by a file of its own.
_NEEDS: Mapping[str, tuple[_Need, ...]] = MappingProxyType(
    {
        "inbox": (),
        "email": ((NO_MAIL_ADDRESS, "/address", lambda known: is_mail_address(known.address)),),
        "webhook": (
            (NO_WEB_ADDRESS, "/address", lambda known: is_web_address(known.address)),
            (NO_WEBHOOK_SECRET, "/secret", lambda known: signs(known.secret)),
            (
                NO_WEBHOOK_SECRET,
                "/previous_secret",
                lambda known: known.previous_secret is None or signs(known.previous_secret),
            ),
        ),
        "ping": ((REACHES_NOBODY, "/channel", lambda _known: False),),
    }
)


def refuse_unreachable(recipient: RecipientRegistered) -> list[Reason]:
    """Refuse whom its channel could never reach; give what may be wrong all the same. Raises `Invalid`.

    Asked when somebody is registered: what is in the log stays, and the start of the watch looks at it.
    """
    needs = _NEEDS.get(recipient.channel)
    if needs is None:
        return [NOT_SHIPPED]
    if faults := [Fault(reason=reason, pointer=at) for reason, at, met in needs if not met(recipient)]:
        raise Invalid(*faults)
    return []
