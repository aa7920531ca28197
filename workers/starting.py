"""Whether the watch may start: what is critical must reach somebody, and somebody must see that it stops."""

from application.organisations.reaching import web_fault
from application.organisations.recipients import Recipients
from application.settings import Settings
from domain.ladder import EscalationPolicy
from domain.org import ROOT, ancestors
from domain.refusal import Reason
from domain.streams.organisations.unit import RecipientRegistered
from projections.database import Database
from workers.channel import channels

# EX_CONFIG of sysexits.h: starting it again changes nothing.
REFUSED = 78

NOBODY_TOLD = Reason(
    code="nobody_told",
    zh="危急预警无人接收：请用 careledger recipients add --root 登记运维方的接收人"
    "（email 方式还需设置 CARELEDGER_SMTP_URL）；确知无人接收也要启动，请设 CARELEDGER_UNWATCHED=1",
    en="A critical alert would reach nobody: register somebody of the operator with "
    "`careledger recipients add --root` (e-mail needs CARELEDGER_SMTP_URL too), "
    "or set CARELEDGER_UNWATCHED=1 to start all the same",
)
NOBODY_WATCHES = Reason(
    code="nobody_watches",
    zh="预警停摆将无人知晓：请将 CARELEDGER_PING_URL 设为外部监控的地址"
    "（如自建 Healthchecks）；确知无人监控也要启动，请设 CARELEDGER_UNWATCHED=1",
    en="Nobody would see the watch stop: set CARELEDGER_PING_URL to an outside monitor (say a Healthchecks "
    "of your own), or set CARELEDGER_UNWATCHED=1 to start all the same",
)


def objections(*, settings: Settings, database: Database, recipients: Recipients) -> list[Reason]:
    """Return why the watch should not start; empty where all is well."""
    told = _critical_is_told(settings, database, recipients)
    watched = settings.ping_url is not None
    return [reason for reason, fine in ((NOBODY_TOLD, told), (NOBODY_WATCHES, watched)) if not fine]


def inventory(*, settings: Settings, recipients: Recipients, policy: EscalationPolicy) -> str:
    """Return in one line of code words what the watch starts with."""
    known = [recipient for _, recipient in recipients.listed()]
    return (
        f"broker={'redis' if settings.redis_url else 'embedded'} recipients={len(known)} "
        f"catch_alls={sum(r.catch_all for r in known)} "
        f"ping={f'{settings.ping_seconds}s' if settings.ping_url else 'off'} "
        f"ladder={_steps_of(policy)}"
    )


def _critical_is_told(settings: Settings, database: Database, recipients: Recipients) -> bool:
    """Return whether a critical alert of any child there is reaches somebody, and of a first child too."""
    reached = [(path, r) for path, r in recipients.listed() if _can_be_reached(r, settings)]
    if any(path == ROOT for path, _ in reached):
        return True
    paths = {path for path, _ in reached}
    rows = database.all("SELECT DISTINCT org FROM child_status WHERE org <> ''")
    return bool(paths) and all(not paths.isdisjoint(ancestors(row["org"])) for row in rows)


def _can_be_reached(recipient: RecipientRegistered, settings: Settings) -> bool:
    channel, address = channels().get(recipient.channel), recipient.address
    if channel is None or not channel.for_people or not channel.fits(address, recipient.secret):
        return False
    if channel.calls_out:
        return web_fault(address, allow_private=settings.webhook_allow_private) is None
    return not (channel.mails_out and settings.smtp is None)


def _steps_of(policy: EscalationPolicy) -> str:
    return ",".join(f"{step.value}:{days}" for step, days in policy.steps) + f"@{policy.hour:02}"
