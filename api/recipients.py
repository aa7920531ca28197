"""Who is told of alerts."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

import falcon

from api.context import Context
from api.exchange import actor_of, answer
from api.operation import ORG, operation
from api.schemas import body_of_org, loaded
from api.scope import noted, org_asked
from application.access import Action, Actor, require
from application.organisations.reaching import refuse_unreachable
from application.reasons import UNKNOWN_RECIPIENT
from application.reports.notes import ORGANISATION_UNREAD
from application.system import System
from domain.org import within
from domain.refusal import Fault, Reason, Unknown, conflict
from domain.streams.organisations.unit import RecipientRegistered
from domain.wire import from_wire

ELSEWHERE = Reason(
    code="recipient_elsewhere",
    zh="该接收人已登记在另一机构；请先移除",
    en="The recipient is registered at another organisation: remove it there first.",
)
BODY = body_of_org(RecipientRegistered, without=frozenset({"recipient"}))


class RecipientsResource:
    """All recipients that the key may manage."""

    def __init__(self, context: Context) -> None:
        self._system = context.system

    @operation("List recipients 接收人", answers={200: "Recipients"}, params=(ORG,), problems=(403, 404, 422))
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List who is told of alerts of an organisation and of those below it. Secrets are never shown."""
        org = org_asked(req, self._system, action=Action.MANAGE)
        lost: dict[str, str] = {}
        found = self._system.organisations.recipients.listed(within_org=org, unread=lost.__setitem__)
        notes = [ORGANISATION_UNREAD] if lost else []
        answer(resp, {"items": [_shown(path, details) for path, details in found], **noted(req, notes)})


class RecipientResource:
    """One recipient."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._system = context.system

    @operation(
        "Register a recipient 登记接收人",
        request=BODY,
        answers={201: "Recipient", 200: "Recipient"},
        problems=(400, 403, 404, 409, 413, 415, 422),
        codes=(
            "recipient_elsewhere",
            "no_web_address",
            "address_needs_https",
            "address_inside",
            "no_webhook_secret",
            "webhook_secret_too_short",
            "no_mail_address",
            "channel_reaches_nobody",
            "last_catch_all",
            "unknown_org",
            "bad_org_path",
            "busy",
        ),
    )
    def on_put(self, req: falcon.Request, resp: falcon.Response, recipient_id: UUID) -> None:
        """Register who is told, from which step on and how, or replace what is known.

        What its channel could never reach is refused. `warnings` says where the channel itself is none of
        those that come with CareLedger.
        """
        actor = actor_of(req)
        require(actor, Action.MANAGE, org=actor.org)
        words = loaded(BODY, self._context.body(req))
        org = self._system.organisations.spelled(words.pop("org"))
        details = from_wire(RecipientRegistered, {**words, "recipient": str(recipient_id)}, at="")
        there = self._system.organisations.recipients.find(recipient_id)
        if there is not None and there[0] != org:
            require(actor, Action.MANAGE, org=there[0])
            raise conflict(ELSEWHERE, "/org")
        allow_private = self._system.settings.webhook_allow_private
        warnings = [asdict(reason) for reason in refuse_unreachable(details, allow_private=allow_private)]
        self._system.organisations.recipients.register(org, details=details, actor=actor)
        shown = _shown(org, details) | ({"warnings": warnings} if warnings else {})
        answer(resp, shown, status=201 if there is None else 200)

    @operation(
        "Remove a recipient 移除接收人",
        answers={204: None},
        problems=(403, 404, 409),
        codes=("last_catch_all", "busy"),
    )
    def on_delete(self, req: falcon.Request, resp: falcon.Response, recipient_id: UUID) -> None:
        """Remove a recipient. The last catch-all stays."""
        org = found_recipient(self._system, recipient_id, actor=actor_of(req), action=Action.MANAGE)
        self._system.organisations.recipients.remove(org, recipient=recipient_id, actor=actor_of(req))
        resp.status = falcon.HTTP_204


def found_recipient(system: System, recipient_id: UUID, *, actor: Actor, action: Action) -> str:
    """Return the organisation of a recipient that the key may see. Raises `Forbidden` and `Unknown`."""
    require(actor, action, org=actor.org)
    there = system.organisations.recipients.find(recipient_id)
    if there is None or not within(there[0], actor.org):
        raise Unknown(Fault(reason=UNKNOWN_RECIPIENT))
    return there[0]


def _shown(org: str, details: RecipientRegistered) -> dict[str, Any]:
    return {
        "recipient_id": details.recipient,
        "org": org,
        "name": details.name,
        "channel": details.channel,
        "address": details.address,
        "has_secret": details.secret is not None,
        "from_step": details.from_step,
        "catch_all": details.catch_all,
        "has_previous_secret": details.previous_secret is not None,
        "quiet_from": details.quiet_from,
        "quiet_until": details.quiet_until,
        "most_per_hour": details.most_per_hour,
    }
