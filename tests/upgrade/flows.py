"""What goes its way through the house: batches, quarantine, transfers, activities, imports."""

from pathlib import Path
from typing import Any
from uuid import UUID

from application.intake.batches import JSON, ROSTER
from application.intake.imports.care_log import import_care_log
from application.intake.imports.roster import import_roster
from application.intake.undo import undo_batch
from tests.application.papers import form, log
from tests.upgrade.files import WHY
from tests.upgrade.kids import number_of, number_told
from tests.upgrade.people import A2, AI, AM, AM1, B1, A, B
from tests.upgrade.teller import OPERATOR, Teller, an_id, met

# Word for word what was on paper, as the bytes of a workbook tell when it was written.
ROSTER_ROWS: tuple[dict[str, Any], ...] = (
    {"学籍号": "HY01", "姓名": "花小一", "身份证号": "", "结对帮扶人": "景老师"},
    {
        "学籍号": "HY02",
        "姓名": "花小二",
        "母亲姓名": "花二娘",
        "母亲是否外出务工": "否",
        "结对帮扶人": "景老师",
    },
    # The third child of a counsellor who may have two: refused with everything that the row says.
    {"学籍号": "HY03", "姓名": "花小三", "结对帮扶人": "景老师"},
    # Nothing known of either parent, and no carer.
    {
        "学籍号": "HY04",
        "姓名": "花小四",
        "父亲姓名": "",
        "父亲是否外出务工": "",
        "父亲务工地": "",
        "父亲电话": "",
        "结对帮扶人": "",
        "结对类型": "",
        "结对日期": "",
    },
    {"学籍号": "HY01", "姓名": "花小五", "结对帮扶人": "白老师"},
    {"学籍号": "HY06", "姓名": "花小六", "性别": "?", "结对帮扶人": "白老师"},
    {"学籍号": number_of("both_away"), "姓名": "花小七", "结对帮扶人": "白老师"},
)
LOG_LINES: tuple[dict[str, str], ...] = (
    {"学籍号": "HY01", "儿童姓名": "花小一", "记录人": "景老师"},
    {"学籍号": "HY02", "儿童姓名": "花小二", "记录人": "景老师", "时间": "", "时长(分钟)": ""},
    {
        "学籍号": "HY02",
        "儿童姓名": "花小二",
        "记录人": "景老师",
        "时间": "",
        "时长(分钟)": "",
        "内容": "第二次",
    },
    {
        "学籍号": "HY04",
        "儿童姓名": "花小四",
        "记录人": "景老师",
        "类型": "电话",
        "对象": "母亲",
        "结果": "接通",
        "日期": "2026-03-10",
        "登记日期": "2026-03-20",
    },
    {"学籍号": "HY09", "儿童姓名": "花小九", "记录人": "景老师"},
    {"学籍号": "HY01", "儿童姓名": "花小一", "记录人": "景老师", "类型": "钓鱼"},
)
WRONG_ROWS: tuple[dict[str, Any], ...] = (
    {"学籍号": "HW01", "姓名": "误小一", "结对帮扶人": "白老师"},
    {"学籍号": "HW02", "姓名": "误小二", "结对帮扶人": ""} | {"结对类型": "", "结对日期": ""},
)


def papers(folder: Path) -> None:
    """Put the papers into a folder, once for all ledgers."""
    (folder / "roster.xlsx").write_bytes(form(*ROSTER_ROWS))
    (folder / "care_log.csv").write_bytes(log(*LOG_LINES))
    (folder / "wrong.xlsx").write_bytes(form(*WRONG_ROWS))


def import_roster_(tell: Teller, folder: Path) -> None:
    done = import_roster((folder / "roster.xlsx").read_bytes(), **_asked(tell))
    counts = (done.enrolled, len(done.differs), len(done.refused))
    assert counts == tell.later("import roster", (3, 1, 3)), done
    tell.imports["roster"] = done.import_id
    _imported(tell, "HY01", "HY02", "HY04")


def import_log(tell: Teller, folder: Path) -> None:
    done = import_care_log((folder / "care_log.csv").read_bytes(), **_asked(tell))
    assert (done.recorded, len(done.refused)) == (4, 2), done
    tell.imports["care_log"] = done.import_id


def import_wrong(tell: Teller, folder: Path) -> None:
    tell.imports["wrong"] = import_roster((folder / "wrong.xlsx").read_bytes(), **_asked(tell)).import_id
    _imported(tell, "HW01", "HW02")


def undo_wrong(tell: Teller, folder: Path) -> None:
    """Undo an import, import the first roster again, and leave a third one broken off."""
    undo_batch(tell.imports["wrong"], approved_by="王校长", registers=tell.system.registers, actor=OPERATOR)
    again = import_roster((folder / "roster.xlsx").read_bytes(), **_asked(tell))
    assert again.enrolled == 0
    begun = tell.system.batches.begin_paper(source=ROSTER, org=AI, file_sha256="22" * 32, actor=OPERATOR)
    tell.imports["broken_off"] = begun.batch_id


def _imported(tell: Teller, *numbers: str) -> None:
    for number in numbers:
        (tell.children[f"paper_{number}"],) = tell.system.record.find(
            kind="student_no", word=number, scope=""
        )


def _asked(tell: Teller) -> dict[str, Any]:
    return {"org": AI, "registers": tell.system.registers, "actor": OPERATOR}


def activities(tell: Teller) -> None:
    """Hold a lecture, a collective visit day, and something that never was."""
    held: dict[str, Any] = {
        "org": A,
        "occurred_on": "2026-05-20",
        "kind": "lecture",
        "topic": "防溺水",
        "minutes": 45,
    }
    children = [
        {"child_id": str(tell.children[s])} for s in ("both_away", "one_away", "erased", "day_profile")
    ]
    by_number = [{"student_no": number_of("home_silent"), "role": "speaker"}, {"student_no": "XK9999"}]
    absent = [{"student_no": number_of("poor"), "reason": "生病"}]
    more = {"participants": [*children, *by_number], "absent": absent, "carers": [str(tell.carers["lu"])]}
    _activity(tell, "lecture", held | more, by="a_school")
    found = {"outcome": "met", "met": ["child"], "minutes": 20, "record": "见到祖母"}
    visits = [{"child_id": str(tell.children[s]), "found": found} for s in ("both_away", "late", "paired")]
    day = {"org": A, "occurred_on": "2026-05-21", "kind": "visit_day", "topic": "集中家访", "place": "东岭村"}
    _activity(
        tell, "visit_day", day | {"participants": visits, "carers": [str(tell.carers["lu"])]}, by="a_school"
    )
    _activity(tell, "never", held | {"topic": "未举行", "participants": children[:2]}, by="office")
    # A class does not see the child of the class beside it.
    _activity(
        tell,
        "of_a_class",
        held
        | {
            "org": "溪口县/东岭镇/中心小学/三年级/一班",
            "participants": [children[0], {"child_id": str(tell.children["poor"])}],
        },
        by="a_class",
    )


def activities_mended(tell: Teller) -> None:
    _change(tell, "lecture", "amendments", {"participants": [{"child_id": str(tell.children["late"])}]})
    _change(
        tell,
        "lecture",
        "corrections",
        {"topic": "防溺水安全教育", "minutes": 50, "held_on": "2026-05-19"} | WHY,
    )
    _change(tell, "never", "voidings", WHY, by="office")
    why = {"reason": "学籍号写错"}
    path = f"/v1/activities/{an_id('activity of_a_class')}"
    read = tell.as_read("a_school", path)
    tell.send("a_school", "POST", f"{path}/participants/1/dismiss", why, headers=read, status=200)


def _activity(tell: Teller, name: str, body: dict[str, Any], *, by: str) -> None:
    tell.send(by, "PUT", f"/v1/activities/{an_id(f'activity {name}')}", body)


def _change(tell: Teller, name: str, how: str, body: dict[str, Any], *, by: str = "a_school") -> None:
    activity = an_id(f"activity {name}")
    version = tell.system.activities.load(activity).version
    headers = {"If-Match": f'"{version}"'} if how != "amendments" else {}
    tell.send(by, "PUT", f"/v1/activities/{activity}/{how}/{an_id(f'{name} {how}')}", body, headers=headers)


def proposed(tell: Teller) -> None:
    """Propose transfers, most of them of children whose alert is open."""
    for slug, to in (("moved_near", AM), ("moved_far", B), ("moving", AM)):
        said: dict[str, Any] = {"to": to, "duties": ["六月家访"]}
        body = {"recorded_by": "教育局"}
        tell.event(slug, "transfer_proposed", "06-09", by="a_manager", again="office", envelope=body, **said)


def accepted(tell: Teller) -> None:
    for slug, by, org in (("moved_near", "am_school", AM1), ("moved_far", "b_school", B1)):
        said: dict[str, Any] = {"transfer": _proposal(slug, "06-09"), "accepted_by": "赵主任"}
        tell.event(slug, "transfer_accepted", "06-11", by=by, envelope={"org": org}, **said)


def undecided(tell: Teller) -> None:
    """Propose what stays open, what is declined and what is withdrawn."""
    for slug, to in (("moving_far", B), ("stayed", AM), ("kept", AM)):
        tell.event(slug, "transfer_proposed", "06-26", by="a_school", to=to, reason="升学")
    tell.event("num_goes_over", "transfer_proposed", "06-26", by="b_school", to=A)
    declined = {"transfer": _proposal("stayed", "06-26"), "reason": "未到校"}
    tell.event("stayed", "transfer_declined", "06-27", by="am_school", **declined)
    withdrawn = {"transfer": _proposal("kept", "06-26"), "reason": "家长改变主意"}
    tell.event("kept", "transfer_withdrawn", "06-27", by="a_school", **withdrawn)


def _proposal(slug: str, day: str) -> str:
    return str(an_id(f"{slug} transfer_proposed {day} "))


def aside(tell: Teller) -> None:
    """Put aside what is at odds; some of it comes right, some is dismissed, the rest waits."""
    waiting = an_id("waiting target")
    for by, name in (("a_school", "first"), ("a_school_new", "second"), ("b_namesake", "elsewhere")):
        slug = "b_away" if by == "b_namesake" else "waiting"
        filed = {"target": str(waiting), "record": f"补交家访记录 {name}"}
        tell.event(slug, "record_filed", "06-24", by=by, mark=name, status=202, **filed)
    visit = an_id("waiting came")
    filed = {"target": str(visit), "record": "补交家访记录"}
    tell.event("waiting", "record_filed", "06-24", by="a_school", mark="came", status=202, **filed)
    tell.event("waiting", "home_visit_made", "06-23", by="a_school", event_id=visit, **met(tell.carers["lu"]))
    tell.event(
        "waiting",
        "record_filed",
        "06-24",
        by="a_school",
        mark="twice",
        status=202,
        target=str(waiting),
        record="重复",
    )
    items = {item["event_id"]: item["item_id"] for item in _items(tell)}
    came, twice = (items[str(an_id(f"waiting record_filed 06-24 {name}"))] for name in ("came", "twice"))
    tell.send("a_school", "POST", f"/v1/quarantine/{came}/retry", status=201)
    read = tell.as_read("a_school", f"/v1/quarantine/{twice}")
    tell.send(
        "a_school",
        "POST",
        f"/v1/quarantine/{twice}/dismiss",
        {"reason": "重复登记"},
        headers=read,
        status=200,
    )
    tell.event(
        "erased", "record_filed", "06-24", by="a_school", status=202, target=str(waiting), record="已删除者"
    )


def _items(tell: Teller) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tell.as_("a_school").get("/v1/quarantine", limit="500").json["items"]
    return found


def phone(tell: Teller) -> None:
    """Send a week that a phone kept, with what can't stand between what does."""
    lu, unknown = tell.carers["lu"], an_id("a carer that nobody knows")
    said = met(lu)
    no = {
        slug: f" {number_told(tell, slug)} " for slug in ("both_away", "one_away", "num_wide", "home_fresh")
    }
    lines = [
        tell.item(None, "home_visit_made", "06-25", said, mark=slug, student_no=number)
        for slug, number in no.items()
    ]
    lines += [
        tell.item(None, "home_visit_made", "06-25", said, mark="nobody", student_no="S20269999"),
        tell.item("both_away", "home_visit_made", "06-25", met(unknown), mark="unknown carer"),
        tell.item("both_away", "home_visit_made", "06-25", said, mark="future")
        | {"occurred_on": "2027-06-25"},
        tell.item("both_away", "nonsense", "06-25", {}),
    ]
    tell.lines("phone", [*lines, "{}", "nonsense"], by="a_school")
    # The late visit of a school that the child has left: it waits where nobody looks for it.
    late = tell.item("moved_far", "home_visit_made", "05-30", said, mark="late")
    talk = tell.item("waiting", "talk_held", "06-25", {"carers": [str(lu)], "record": "谈心"})
    tell.batch("left", [late, talk], by="a_school")
    call = {"caller": "carer", "called": "child", "outcome": "connected", "minutes": 2}
    typed = tell.item("both_away", "call_made", "06-25", call, mark="typed")
    tell.batch("typed", [typed, lines[0] | {"event_id": str(an_id("not granted"))}], by="a_talks")


def cut(tell: Teller) -> None:
    """Cut one upload for good, and another that is sent again; one is left by a process that died."""
    days = [f"06-{day}" for day in range(20, 26)]
    said = met(tell.carers["lu"])
    for name in ("cut", "cut_again"):
        items = [tell.item("waiting", "home_visit_made", day, said, mark=name) for day in days]
        tell.lines(name, items, by="a_school", cut_after=4)
        if name == "cut_again":
            tell.lines(name, items, by="a_school")
    shared = [tell.item("waiting", "home_visit_made", "06-22", said, mark="shared")]
    tell.lines("shared", shared, by="a_school")
    status = tell.later("status of a batch of another key", 200)
    tell.lines("shared", shared, by="a_school_new", status=status)
    of_b = tell.item("b_away", "home_visit_made", "06-27", met(tell.carers["b_he"]))
    tell.batch("b", [of_b], by="b_school")
    actor = tell.system.api_keys.authenticate(tell.holders["a_school"].key)
    tell.system.batches.begin(an_id("batch killed"), actor=actor, source=JSON)


def gifts_of_many(tell: Teller) -> None:
    """Give to many at once, offline, in lines that name no day of paper."""
    lines = [{"item": "书包", "quantity": 1, "unit_value_fen": 8000}]
    gift = {"donor": "热心人", "kind": "goods", "lines": lines, "receipt": "R-1"}
    slugs = ("both_away", "one_away", "home_silent", "special_group", "distressed")
    items = [tell.item(slug, "gift_received", "05-28", gift) for slug in slugs]
    tell.lines("gifts", items, by="a_school", headers={"X-CareLedger-Channel": "offline"})


def moved_within(tell: Teller) -> None:
    """A child changes its class without leaving its school."""
    tell.event("late", "transfer_proposed", "05-25", by="a_school", to=A2)
    said: dict[str, Any] = {"transfer": _proposal("late", "05-25"), "accepted_by": "二班班主任"}
    tell.event("late", "transfer_accepted", "05-26", by="a_school", envelope={"org": A2}, **said)


def known_ids() -> dict[str, UUID]:
    """Return the ids of batches and activities by name."""
    batches = ("phone", "left", "typed", "cut", "cut_again", "shared", "b", "killed", "gifts", "revoked")
    activities_ = ("lecture", "visit_day", "never", "of_a_class")
    return {f"batch {n}": an_id(f"batch {n}") for n in batches} | {
        f"activity {n}": an_id(f"activity {n}") for n in activities_
    }


PAPER_CHAPTERS = (
    ("03-20 17:00", import_roster_),
    ("03-25 17:00", import_log),
    ("04-05 17:00", import_wrong),
    ("04-06 17:00", undo_wrong),
)
CHAPTERS = (
    ("05-22 18:30", activities),
    ("05-26 18:30", moved_within),
    ("05-28 18:30", gifts_of_many),
    ("05-29 18:40", activities_mended),
    ("06-09 18:30", proposed),
    ("06-11 18:30", accepted),
    ("06-24 18:30", aside),
    ("06-26 18:30", phone),
    ("06-27 18:30", undecided),
    ("06-27 19:00", cut),
)
