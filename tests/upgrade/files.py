"""Single files that tell much: numbers given up and taken, corrections, voidings, pairings, erasure."""

from typing import Any
from uuid import UUID

from tests.support.samples import WORDS
from tests.upgrade.kids import enrolment, number_of
from tests.upgrade.people import A1, AM, B1, A
from tests.upgrade.teller import OPERATOR, Teller, an_id, met

WHY = {"reason": "笔误", "approved_by": "王校长"}
EVIDENCE = [{"sha256": "11" * 32, "kind": "photo", "size_bytes": 2048}]


def late(tell: Teller) -> None:
    """Write down and file late, with and without a reason."""
    envelope = {
        "written_on": "2026-04-20",
        "late_reason": "停电",
        "evidence": EVIDENCE,
        "recorded_by": "石老师",
    }
    tell.event("late", "home_visit_made", "04-02", envelope=envelope, **met(tell.carers["shi"]))
    bare = {"carers": [str(tell.carers["lu"])], "outcome": "met"}
    visit = tell.event("late", "home_visit_made", "04-03", envelope={"written_on": "2026-04-04"}, **bare)
    tell.event("late", "record_filed", "04-21", target=str(visit), record="补记走访内容")
    tell.event("late", "talk_held", "03-12", carers=[str(tell.carers["lu"])], topics=["学习"])
    call = {"caller": "carer", "called": "father", "outcome": "no_answer", "minutes": 0}
    tell.event("late", "call_made", "03-13T19:20", **call)


def pair(tell: Teller) -> None:
    lu, shi = str(tell.carers["lu"]), str(tell.carers["shi"])
    tell.event("paired", "pairing_started", "03-05", carer=lu, kind="proxy_parent", duties="陪伴")
    wrong = tell.event("paired", "pairing_started", "03-06", carer=shi, kind="volunteer")
    tell.event("paired", "event_voided", "03-10", target=str(wrong), **WHY)
    for slug, kind in (
        ("both_away", "proxy_parent"),
        ("one_away", "care_counsellor"),
        ("late", "proxy_parent"),
    ):
        tell.event(slug, "pairing_started", "03-05", by="a_school", carer=lu, kind=kind)
    tell.event(
        "b_away", "pairing_started", "03-05", by="b_school", carer=str(tell.carers["b_he"]), kind="cadre"
    )


def hand_over(tell: Teller) -> None:
    started = an_id("paired pairing_started 03-05 ")
    said = {"fields": {"occurred_on": "2026-03-04"}} | WHY
    tell.event("paired", "event_corrected", "04-12", target=str(started), **said)
    handed: dict[str, Any] = {
        "pairing": str(started),
        "carer": str(tell.carers["peng"]),
        "kind": "proxy_parent",
    }
    handed |= {"accepted_by": "彭老师", "duties": ["五月家访"], "reason": "调动"}
    tell.event("paired", "care_handed_over", "04-12", **handed)


def rename(tell: Teller) -> None:
    """A carer is called something else from May on, and something else again in June."""
    tell.carer("peng", "彭主任", A, capacity=3)


def rename_again(tell: Teller) -> None:
    tell.carer("peng", "彭副校长", A, by=tell.later("who renames a carer", "a_talks"), capacity=3)
    # One who leaves is struck out by a school; its file of keys forgets it for good.
    tell.event(
        "foreign", "talk_held", "06-03", by="a_school", carers=[str(tell.carers["gone"])], record="谈心"
    )
    tell.system.keyring.destroy(tell.carers["gone"])
    # 0.1 answers 500 to whoever registers a carer anew whose key is destroyed.
    tell.forget(f"/v1/carers/{tell.carers['gone']}")


def end_pairing(tell: Teller) -> None:
    handed = an_id("paired care_handed_over 04-12 ")
    tell.event("paired", "pairing_ended", "05-18", pairing=str(handed), reason="离岗")


def correct(tell: Teller) -> None:
    """Correct days, moments and details, twice and with a null; void a correction."""
    first, second, third = (_visit(tell, "corrected", day) for day in ("03-10", "04-10", "05-10"))
    told: tuple[tuple[UUID, dict[str, Any]], ...] = (
        (first, {"occurred_on": "2026-03-09"}),
        (first, {"occurred_on": "2026-03-11", "written_on": "2026-03-20"}),
        (second, {"details": {"minutes": 45, "record": None}}),
        (second, {"occurred_at": "2026-04-10T15:40:00+08:00"}),
        (third, {"details": {"outcome": "nobody_home", "met": []}}),
        (
            UUID(enrolment(tell, "corrected")["event_id"]),
            {"details": {"name": "薛小政", "address": "东岭村"}},
        ),
    )
    for number, (target, fields) in enumerate(told):
        said = {"target": str(target), "fields": fields} | WHY
        tell.event("corrected", "event_corrected", "05-12", mark=str(number), **said)
    wrong = an_id("corrected event_corrected 05-12 4")
    tell.event("corrected", "event_voided", "05-12", target=str(wrong), **WHY)


def void(tell: Teller) -> None:
    """Void a visit, an exit and a guardian."""
    tell.event("voided", "event_voided", "05-12", target=str(_visit(tell, "voided", "04-10")), **WHY)
    guardian = tell.event("voided", "guardian_designated", "05-12", name="雷大山", relation="祖父", age=70)
    exited = tell.event("voided", "child_exited", "05-12", reason="parent_returned")
    for target in (guardian, exited):
        tell.event("voided", "event_voided", "05-13", mark=str(target), target=str(target), **WHY)


def numbers(tell: Teller) -> None:
    """Give a number up, and take it for another child; be refused one that is taken, in two spellings."""
    for slug, number in (("num_given_up", "XK0005"), ("num_wide_given_up", "XK0007")):
        target = enrolment(tell, slug)["event_id"]
        said = {"target": target, "fields": {"details": {"student_no": number}}} | WHY
        tell.event(slug, "event_corrected", "06-05", **said)
    words = {"sex": "male", "birth_date": "2016-01-02"}
    tell.enrol("num_taken_over", "06-05", A1, name="路小接", student_no="XK0004", **words)
    # Refused: their streams have a key and nothing else.
    tell.enrol("refused_number", "06-05", A1, status=409, name="莫小重", student_no="XK0001", **words)
    taken = {"student_no": "XK0099", "id_number": "11010120160520008x"}
    tell.enrol("refused_id", "06-05", A1, status=409, name="莫小证", **taken, **words)
    for slug in ("refused_number", "refused_id"):
        del tell.children[slug]
    # Small letters: of a child that will leave for another county, and of one that will be erased.
    for slug, org, number in (
        ("num_after_move", A1, number_of("moved_far").lower()),
        ("num_meets_moved", B1, number_of("moved_far").replace("S", "s ")),
        ("num_of_erased", A1, number_of("erased").lower()),
    ):
        said = {"student_no": tell.later(f"number {slug}", number)} | words
        tell.enrol(slug, "06-05", org, name="路小同", **said)
    # On both sides of a county line the wide spelling passes.
    tell.enrol("num_late_wide", "06-05", B1, name="岑小宽", student_no="ＸＫ０００４", **words)


def foreign(tell: Teller) -> None:
    """A school uses carers of another county, as 0.1 alone let it."""
    he, status = str(tell.carers["b_he"]), tell.later("status of a foreign carer", 201)
    for type_, day, by, mark, said in (
        ("pairing_started", "06-01", "a_school", "", {"carer": he, "kind": "proxy_parent"}),
        ("talk_held", "06-02", "a_school", "", {"carers": [he], "record": "电话谈心", "mode": "phone"}),
        ("talk_held", "06-02", "named_as_system", "system", {"carers": [he], "record": "又谈"}),
    ):
        tell.event("foreign", type_, day, by=by, mark=mark, status=status, **said)
    for slug in ("aili_dot", "aili_bullet", "k_wide", "k_small", "lu_wide", "lu_blank"):
        tell.visit("foreign", "06-04", carer=slug, by="a_school", mark=slug)


def every_type(tell: Teller) -> None:
    """Say of one child everything that can be said, with every field."""
    lu, peng = str(tell.carers["lu_am"]), str(tell.carers["aili_katakana"])
    envelope = {
        "recorded_by": "李老师",
        "written_on": "2026-03-20",
        "late_reason": "出差",
        "evidence": EVIDENCE,
        "source_event_id": str(an_id("an event of another system")),
    }
    say = _Saying(tell, envelope)
    say("profile_changed", "03-03")
    say("guardian_designated", "03-03")
    say("parent_work_recorded", "03-03")
    pairing = say("pairing_started", "03-04", carer=lu)
    handed = say("care_handed_over", "03-06", pairing=str(pairing), carer=peng, kind="care_counsellor")
    say("pairing_ended", "03-08", pairing=str(handed))
    visit = say("home_visit_made", "03-09", carers=[lu])
    say("call_made", "03-10", carers=[lu, peng])
    say("talk_held", "03-11", carers=[lu])
    say("record_filed", "03-12", target=str(visit))
    gift = say("gift_received", "03-13")
    say("event_corrected", "03-14", target=str(visit))
    say("event_voided", "03-15", target=str(gift), undoes_import=None)
    say("child_exited", "03-16")
    say("child_readmitted", "03-18")


class _Saying:
    """Says a sample of each type of the child that has everything."""

    def __init__(self, tell: Teller, envelope: dict[str, Any]) -> None:
        self._tell, self._envelope = tell, envelope

    def __call__(self, type_: str, day: str, **changed: Any) -> UUID:
        details = {n: v for n, v in (WORDS[type_] | changed).items() if v is not None}
        return self._tell.event("full", type_, day, envelope=self._envelope, **details)


def erase(tell: Teller) -> None:
    """Destroy the key of a child while its alert is open."""
    tell.system.keyring.destroy(tell.children["erased"])


def by_the_dead(tell: Teller) -> None:
    """Record by keys that won't live to the end; their heirs send the same again."""
    for by in ("expired", "revoked"):
        call = {"caller": "carer", "called": "mother", "outcome": "connected", "minutes": 3}
        body = {"recorded_by": "卢老师"}
        tell.event("both_away", "call_made", "03-25", by=by, again="a_school", envelope=body, mark=by, **call)
    filed = {"target": str(an_id("what the lost phone kept")), "record": "遗失前补交"}
    tell.event("both_away", "record_filed", "03-25", by="revoked", status=202, keep=False, **filed)


def pair_many(tell: Teller) -> None:
    """Pair those who were enrolled by the beginning of May, in lines of one batch."""
    lu = {"carer": str(tell.carers["lu"]), "kind": "care_counsellor"}
    slugs = (
        "corrected",
        "voided",
        "al_ended",
        "al_reopened",
        "al_never",
        "al_redated",
        "came_back",
    )
    items = [
        tell.item(slug, "pairing_started", "05-02", lu) for slug in (*slugs, "al_critical", "home_silent")
    ]
    tell.lines("pairs", items, by="a_school")
    am = {"carer": str(tell.carers["lu_am"]), "kind": "proxy_parent"}
    items = [tell.item(slug, "pairing_started", "05-02", am) for slug in ("full", "al_high", "al_of_age")]
    tell.batch("am pairs", items, by="am_school")


def revoke(tell: Teller) -> None:
    """The phone that is lost in June sent a batch the day before."""
    call = {"caller": "carer", "called": "guardian", "outcome": "connected", "minutes": 3}
    item = tell.item("both_away", "call_made", "06-22", call)
    tell.batch("revoked", [item, item | {"event_id": "no id"}], by="revoked", keep=False)
    tell.system.api_keys.revoke(tell.holders["revoked"].key_id, actor=OPERATOR)


def by_the_typed(tell: Teller) -> None:
    """A key that is bound to talks and calls holds one; another of its kind is refused it."""
    talk = {"carers": [str(tell.carers["lu"])], "record": "谈未来", "topics": ["学习", "想家"], "mood": 4}
    tell.event("both_away", "talk_held", "05-29T10:10", by="a_talks", **talk)
    tell.event("one_away", "talk_held", "05-29", by="a_class", **talk)
    body = {"type": "home_visit_made", "occurred_on": "2026-05-29", "details": met(tell.carers["lu"])}
    path = f"/v1/children/{tell.children['both_away']}/events/{an_id('not granted')}"
    tell.send("a_talks", "PUT", path, body, status=403)
    tell.carer("lu_am", "卢老师", AM, staff_no="AM-1", capacity=20)


def _visit(tell: Teller, slug: str, day: str) -> UUID:
    return an_id(f"{slug} home_visit_made {day} ")


CHAPTERS = (
    ("03-10 18:30", pair),
    ("03-20 18:30", every_type),
    ("03-25 18:30", by_the_dead),
    ("04-12 18:30", hand_over),
    ("04-21 18:30", late),
    ("05-01 18:30", rename),
    ("05-02 18:30", pair_many),
    ("05-12 18:30", correct),
    ("05-13 18:30", void),
    ("05-18 18:30", end_pairing),
    ("05-29 18:30", by_the_typed),
    ("06-05 18:40", numbers),
    ("06-06 18:40", foreign),
    ("06-07 18:40", rename_again),
    ("06-20 18:40", erase),
    ("06-23 18:40", revoke),
)
