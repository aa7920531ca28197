"""What becomes of alerts: acknowledged, snoozed, ended in each way, opened again; and how notices go out."""

from datetime import timedelta

import httpx

from tests.support.world import World, moment
from tests.upgrade.people import recipient_id
from tests.upgrade.teller import Teller

VOIDED = {"reason": "误录", "approved_by": "王校长"}


def contact_that_never_was(tell: Teller) -> None:
    tell.visit("al_reopened", "05-21")


def voided(tell: Teller) -> None:
    """Take back what ended one alert, and what another one began with."""
    ended_by = _visit_of(tell, "al_reopened", "05-21")
    tell.event("al_reopened", "event_voided", "05-25", target=ended_by, **VOIDED)
    began_with = _visit_of(tell, "al_never", "05-08")
    tell.event("al_never", "event_voided", "05-25", target=began_with, **VOIDED)


def exited(tell: Teller) -> None:
    tell.event("al_exited", "child_exited", "05-30", reason="moved", note="随父母迁往外地")


def redated(tell: Teller) -> None:
    """Correct the day from which a silence counts while its alert is open."""
    said = {"fields": {"occurred_on": "2026-05-06"}, "reason": "日期写错", "approved_by": "王校长"}
    tell.event(
        "al_redated", "event_corrected", "06-01", target=_visit_of(tell, "al_redated", "05-10"), **said
    )


def snoozed_early(tell: Teller) -> None:
    tell.answer_alert(
        "al_snooze_over", "snooze", by="a_manager", until="2026-06-15", reason="住院", approved_by="王校长"
    )
    tell.answer_alert("erased", "acknowledge", by="a_watcher", note="明日家访")


def returned(tell: Teller) -> None:
    """A father comes home for good, tags change: who was watched is so no more, or for another reason."""
    tell.event("came_back", "parent_work_recorded", "06-10", parent="father", away=False)
    tell.event("retagged", "profile_changed", "06-10", tags=["migrant"])


def answered(tell: Teller) -> None:
    for slug in ("al_acknowledged", "home_acknowledged", "day_contacts_falling", "unknown_both"):
        tell.answer_alert(slug, "acknowledge", by="a_watcher", note="本周家访")
    tell.answer_alert("b_home_silent", "acknowledge", by="b_watcher")
    for slug in ("al_snoozed", "home_snoozed"):
        tell.answer_alert(
            slug, "snooze", by="a_watcher", until="2026-07-04", reason="随父母外出", approved_by="王校长"
        )


def receipts(tell: Teller) -> None:
    """Say of two notices what became of them on the other side."""
    path = f"/v1/recipients/{recipient_id('a_desk')}/inbox"
    told = tell.as_("a_manager").get(path, limit=500).json["items"]
    for item, state in zip(told[:2], ("read", "delivered"), strict=True):
        said = {"state": state, "at": "2026-06-21T18:00:00+08:00"}
        tell.send("a_manager", "PUT", f"/v1/deliveries/{item['delivery_id']}/receipt", said, status=200)


def ended_for_now(tell: Teller) -> None:
    tell.event("al_last", "home_visit_made", "06-23", mark="last", by="b_school", **_met_by_he(tell))


def reopened_last(tell: Teller) -> None:
    """Two minutes before the end a contact is voided; whoever is to tell of it dies over that."""
    target = _visit_of(tell, "al_last", "06-23")
    tell.event("al_last", "event_voided", "06-30", by="b_school", target=target, **VOIDED)


def _visit_of(tell: Teller, slug: str, day: str) -> str:
    child = tell.world.child(tell.children[slug])
    return next(
        str(f.event_id) for f in child.facts if f.type == "home_visit_made" and f"2026-{day}" == str(f.day)
    )


def _met_by_he(tell: Teller) -> dict[str, object]:
    return {
        "carers": [str(tell.carers["b_he"])],
        "outcome": "met",
        "met": ["child", "guardian"],
        "record": "在家",
    }


def outside(world: World) -> None:
    """Let the other side answer as the days go by: slowly in May, gone in June, overloaded at the end."""

    def answer(request: httpx.Request) -> httpx.Response:
        b_side = request.headers["host"].startswith("b.")
        if moment("2026-05-18 00:00") < world.now < moment("2026-05-21 00:00"):
            raise httpx.ReadTimeout("too slow", request=request)
        if b_side and moment("2026-06-05 00:00") < world.now < moment("2026-06-06 00:00"):
            return httpx.Response(410)
        if world.now > moment("2026-06-30 00:00") and "watch.example" in request.headers["host"]:
            if b_side:
                raise httpx.ReadTimeout("too slow", request=request)
            return httpx.Response(503, headers={"retry-after": str(int(timedelta(hours=20).total_seconds()))})
        return httpx.Response(204)

    world.answer = answer


CHAPTERS = (
    ("05-21 18:40", contact_that_never_was),
    ("05-25 18:30", voided),
    ("05-30 18:30", exited),
    ("06-01 18:30", redated),
    ("06-05 18:30", snoozed_early),
    ("06-10 18:40", returned),
    ("06-21 18:30", answered),
    ("06-22 18:30", receipts),
    ("06-23 18:30", ended_for_now),
)
