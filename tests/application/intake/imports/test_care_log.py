"""The care log: lines become events, once, from any encoding; what can't be placed is told by line."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from application.access import SYSTEM
from application.intake.imports.care_log_cells import COLUMNS
from application.intake.undo import undo_batch
from application.system import System
from domain.care_action import CareAction, PaperLine
from domain.catalogue import care_actions_by_type
from domain.child import Child, fold
from domain.event import Channel
from domain.ledger.fact import Fact
from domain.refusal import Fault, Invalid, Unknown
from tests.application.papers import CARE_LOG, SCHOOL, form, log, take_log, take_roster, why
from tests.support.actions import Desk

REFUSED = [
    (53, "bad_date"),
    (269, "in_the_future"),
    (639, "unknown_child"),
    (667, "unknown_type"),
    (858, "below_zero"),
]


class Interrupted(Exception):
    """Somebody pressed Ctrl-C."""


def facts_by_line(system: System) -> dict[int, tuple[Child, Fact]]:
    ids = [row["child_id"] for row in system.database.all("SELECT child_id FROM child_status")]
    children = [fold(child_id, events) for child_id, events in system.log.streams(ids).items()]
    found = (
        (c, f) for c in children for f in c.facts if care_actions_by_type()[f.type].from_paper is not None
    )
    return {fact.event.metadata.line or 0: (child, fact) for child, fact in found}


def test_the_sample_log_is_recorded(system: System) -> None:
    take_roster(system)

    done = take_log(system)

    assert (done.lines, done.recorded, done.already_recorded) == (946, 931, 10)
    assert why(done) == REFUSED


def test_a_second_import_and_the_gb18030_twin_bring_nothing_new(system: System) -> None:
    take_roster(system)
    take_log(system)
    head = system.log.head()
    text = CARE_LOG.decode("utf-8-sig")

    for again in (CARE_LOG, text.encode("gb18030"), text.encode("utf-8")):
        done = take_log(system, again)

        assert (done.recorded, done.already_recorded, why(done)) == (0, 941, REFUSED)
        assert system.log.head() == head


def test_the_edges_of_the_sample_log(system: System) -> None:
    take_roster(system)
    take_log(system)
    lines = facts_by_line(system)

    assert len(lines) == 931
    assert not lines[479][1].is_contact
    assert lines[894][1].is_contact
    assert not lines[503][1].is_contact
    assert (lines[664][1].days_late, lines[664][1].late) == (5, False)
    assert (lines[167][1].days_late, lines[167][1].late) == (6, True)
    assert sum(fact.late for _, fact in lines.values()) == 20
    child, second = lines[843]
    assert sum(f.type == "home_visit_made" and f.day == second.day for f in child.facts) == 2
    child, by_another = lines[393]
    assert by_another.is_contact
    assert not {p.carer for p in child.pairings} & set(by_another.details.carers)


def test_a_line_says_when_it_happened_and_when_it_was_written_down(system: System) -> None:
    take_roster(system, form({}))

    take_log(system, log({}))

    ((_, fact),) = facts_by_line(system).values()
    event = fact.event
    assert event.occurred.at is not None
    assert event.occurred.at.isoformat() == "2026-03-05T16:15:00+08:00"
    assert (event.written_on, event.recorded_by) == (date(2026, 3, 6), "卢小佑")
    assert (event.metadata.channel, event.metadata.line) == (Channel.IMPORT, 2)
    assert event.metadata.import_id is not None
    assert event.metadata.file_sha256 is not None
    assert len(event.metadata.file_sha256) == 64


def test_a_line_without_time_or_writing_day_is_of_the_whole_day(system: System) -> None:
    take_roster(system, form({}))

    take_log(system, log({"时间": "", "登记日期": ""}))

    ((_, fact),) = facts_by_line(system).values()
    assert (fact.occurred.at, fact.day, fact.written_on) == (None, date(2026, 3, 5), None)


def test_the_same_line_is_the_same_with_blanks_around_its_cells(system: System) -> None:
    take_roster(system, form({}))

    done = take_log(system, log({}, {"内容": " 了解学习和生活情况　", "学籍号": " T1"}, {"内容": "别的"}))

    assert (done.recorded, done.already_recorded) == (2, 1)


def test_the_line_is_the_physical_one_also_after_a_line_break_in_a_cell(system: System) -> None:
    take_roster(system, form({}))

    done = take_log(system, log({"内容": "第一段\n第二段"}, {"日期": "2026-02-30"}, {"类型": "下棋"}))

    assert why(done) == [(4, "bad_date"), (5, "unknown_type")]
    ((_, fact),) = facts_by_line(system).values()
    assert fact.details.record == "第一段\n第二段"


def test_a_stray_quote_costs_one_line(system: System) -> None:
    take_roster(system, form({}))
    lines = log({}, {"内容": "X"}, {"内容": "后一行"}).replace(b"X", b'"X').splitlines(keepends=True)

    done = take_log(system, b"".join(lines))

    assert (done.lines, done.recorded, why(done)) == (3, 2, [(3, "bad_line")])


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"日期": ""}, "missing"),
        ({"日期": "2026-13-01"}, "bad_date"),
        ({"日期": "9999-12-31"}, "bad_date"),
        ({"日期": "2036-01-01"}, "in_the_future"),
        ({"时间": "25:00"}, "bad_time"),
        ({"登记日期": "5月"}, "bad_date"),
        ({"登记日期": "2026-03-04"}, "written_before_it_happened"),
        ({"日期": "2026-02-11"}, "outside_enrolment"),
        ({"学籍号": "", "儿童姓名": ""}, "missing"),
        ({"学籍号": "T9"}, "unknown_child"),
        ({"儿童姓名": "别人家"}, "name_mismatch"),
        ({"类型": ""}, "missing"),
        ({"类型": "打麻将"}, "unknown_type"),
        ({"记录人": ""}, "missing"),
        ({"记录人": "查无此人"}, "unknown_carer"),
        ({"结果": "还行"}, "paper_word"),
        ({"对象": "小猫"}, "paper_word"),
        ({"时长(分钟)": "-5"}, "below_zero"),
        ({"时长(分钟)": "好一会儿"}, "bad_number"),
        ({"时长(分钟)": "1441"}, "too_large"),
        ({"内容": "铃\x07声"}, "control_character"),
        ({"内容": "长" * 4001}, "too_long"),
    ],
)
def test_a_line_that_cannot_be_placed_is_refused_and_stops_nothing(
    system: System, cells: dict[str, str], code: str
) -> None:
    take_roster(system, form({}))

    done = take_log(system, log(cells, {}))

    assert (done.recorded, why(done)) == (1, [(2, code)])


def test_a_reason_never_carries_what_stands_in_the_line(system: System) -> None:
    take_roster(system, form({}))
    canary = "金丝雀"

    done = take_log(system, log(*({column: canary} for column in COLUMNS)))

    assert len(done.refused) == len(COLUMNS) - 1
    assert canary not in str(done)


def test_a_carer_who_is_not_paired_with_the_child_may_have_visited_it(system: System) -> None:
    take_roster(system, form({}, {"学籍号": "T2", "结对帮扶人": "孟小浩"}))

    assert take_log(system, log({"记录人": "孟小浩"})).recorded == 1


def test_an_interrupted_import_is_finished_by_running_it_again(system: System) -> None:
    take_roster(system)

    def interrupt(done: int, _total: int) -> None:
        if done > 400:
            raise Interrupted

    with pytest.raises(Interrupted):
        take_log(system, progress=interrupt)
    before = len(facts_by_line(system))

    done = take_log(system)

    assert 300 < before < 700
    assert (done.recorded, done.already_recorded) == (931, 10)
    assert {fact.event.metadata.import_id for _, fact in facts_by_line(system).values()} == {done.import_id}


def test_what_was_corrected_or_voided_since_is_not_recorded_anew(system: System) -> None:
    take_roster(system, form({}))
    take_log(system, log({}, {"内容": "二"}))
    desk = Desk(system)
    (child, first), (_, second) = facts_by_line(system).values()
    desk.void(child.child_id, first.event_id)
    desk.correct(child.child_id, second.event_id, occurred_on="2026-03-04")

    again = take_log(system, log({}, {"内容": "二"}))

    assert (again.recorded, again.already_recorded) == (0, 2)


@pytest.mark.parametrize(
    "cells",
    [
        {"日期": "2026/3/5"},
        {"时间": "9:00:00"},
        {"时间": "9:00"},
        {"学籍号": "t1"},
        {"类型": "走访"},
        {"登记日期": "2026/3/6"},
        {"时长(分钟)": "030"},
        {"内容": "了解学习 和生活情况"},
        {"儿童姓名": ""},
    ],
)
def test_a_log_that_a_spreadsheet_saved_again_is_not_recorded_anew(
    system: System, cells: dict[str, str]
) -> None:
    take_roster(system, form({}))
    once = take_log(system, log({"时间": "09:00"}))

    again = take_log(system, log({"时间": "09:00"} | cells))

    assert (once.recorded, again.recorded, again.already_recorded) == (1, 0, 1)


@pytest.mark.parametrize(
    "cells",
    [
        {"时间": ""},
        {"登记日期": ""},
        {"时长(分钟)": ""},
        {"内容": ""},
        {"对象": "监护人"},
        {"日期": "2026-03-04"},
    ],
)
def test_a_line_that_says_something_else_is_another(system: System, cells: dict[str, str]) -> None:
    take_roster(system, form({}))
    take_log(system, log({}))

    assert take_log(system, log(cells)).recorded == 1


def test_what_was_undone_or_voided_is_compared_by_what_it_says(system: System) -> None:
    take_roster(system, form({}))
    first = take_log(system, log({}))
    undo_batch(first.import_id, approved_by="head", registers=system.registers, actor=SYSTEM)

    anew = take_log(system, log({"日期": "2026/3/5"}))
    events = [f for _, f in facts_by_line(system).values()]
    desk, child = Desk(system), child_on_paper(system)
    desk.void(child.child_id, events[0].event_id)
    again = take_log(system, log({}, {"日期": "2026/03/05"}))

    assert (anew.recorded, again.recorded, again.already_recorded) == (1, 0, 2)


def test_a_renamed_child_answers_to_both_names(system: System) -> None:
    take_roster(system, form({}))
    (child,) = system.record.find(kind="student_no", word="T1", scope="")
    Desk(system).submit("profile_changed", "2026-03-01", child=child, name="戴大春")

    done = take_log(system, log({}, {"儿童姓名": "戴大春", "内容": "又一次"}, {"儿童姓名": "戴中春"}))

    assert (done.recorded, why(done)) == (2, [(4, "name_mismatch")])


@pytest.mark.parametrize("dot", ["", "．"])
def test_names_without_their_dots_are_those_with_them(system: System, dot: str) -> None:
    row = {"学籍号": "", "姓名": "阿依古丽·买买提", "结对帮扶人": "努尔·艾力", "父亲姓名": "买买提·艾力"}
    take_roster(system, form(row))
    plain = {name: said.replace("·", dot) for name, said in row.items()}

    again = take_roster(system, form(plain))
    short = take_roster(system, form(plain, columns=("姓名", "年级", "班级")))
    line = {"学籍号": "", "儿童姓名": plain["姓名"], "记录人": plain["结对帮扶人"]}
    taken = take_log(system, log(line))

    assert [(each.already_recorded, each.differs) for each in (again, short)] == [(1, ())] * 2
    assert (taken.recorded, why(taken)) == (1, [])


def test_an_erased_child_takes_no_more_lines(system: System) -> None:
    take_roster(system, form({}))
    (child,) = system.record.find(kind="student_no", word="T1", scope="")
    system.keyring.destroy(child)

    assert why(take_log(system, log({}))) == [(2, "unknown_child")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "no_header"),
        (b"\x80\xff\n" * 3, "bad_encoding"),
        (log(columns=COLUMNS[1:]), "no_header"),
        (log(columns=COLUMNS[:4]), "missing_column"),
        (log() + b"\n", None),
    ],
)
def test_a_file_that_is_no_care_log_is_refused_as_a_whole(
    system: System, data: bytes, code: str | None
) -> None:
    take_roster(system, form({}))
    if code is None:
        assert take_log(system, data).lines == 0
        return

    with pytest.raises(Invalid) as refused:
        take_log(system, data)

    assert refused.value.reason.code == code


def test_a_school_that_nobody_knows_takes_no_log(system: System) -> None:
    with pytest.raises(Unknown):
        take_log(system)


def test_ids_tell_nothing_and_are_the_same_only_under_the_same_secret(system: System) -> None:
    take_roster(system, form({}))
    take_log(system, log({}))
    ((child, fact),) = facts_by_line(system).values()
    digest = system.keyring.digest("import_line", SCHOOL, 0, *log({}).decode().splitlines()[1].split(","))

    assert fact.event_id.bytes[:6] == digest[:6]
    assert child.child_id != fact.event_id
    assert system.now() - timedelta(days=1) < (fact.event.recorded_at or system.now())
    assert fact.event.metadata.actor == SYSTEM.name


PAPERED = [action for action in care_actions_by_type().values() if action.from_paper is not None]
CELLS = {
    "counterpart": "标记甲",
    "outcome": "标记乙",
    "minutes": 77,
    "content": "标记丙",
    "companions": "标记丁",
}


USUAL = {
    "call_made": ("父亲", "接通", ""),
    "home_visit_made": ("儿童", "见到", ""),
    "contact_card_issued": ("父亲", "", ""),
    "responsibility_letter_signed": ("监护人", "", ""),
    "growth_diary_written": ("", "", "学习"),
    "holiday_check_made": ("", "情况正常", ""),
    "letter_sent": ("父亲", "", ""),
    "message_sent": ("父亲", "", ""),
    "parent_home_recorded": ("父亲", "", ""),
    "support_sent": ("父亲", "", ""),
    "risk_assessed": ("", "红", ""),
}
OF_NO_WORDS = ("contact_card_issued", "responsibility_letter_signed", "growth_diary_written")


def usual_line(action: CareAction) -> tuple[PaperLine, bool]:
    """A line of a type that is fine, and whether its entry keeps words."""
    counterpart, outcome, content = USUAL.get(action.type, ("", "", "数学"))
    # The first word of the reasons to visit leaves open which.
    word = "情绪不好" if "情绪不好" in action.paper else action.paper[0]
    line = PaperLine(
        word=word,
        counterpart=counterpart,
        outcome=outcome,
        minutes=None,
        content=content,
        carers=(UUID(int=1),),
    )
    return line, action.type not in OF_NO_WORDS


@pytest.mark.parametrize("action", PAPERED, ids=lambda action: action.type)
@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_ends_in_the_event_or_in_a_refusal(action: CareAction, cell: str) -> None:
    plain, kept = usual_line(action)
    line = replace(plain, **{cell: CELLS[cell]})
    assert action.from_paper is not None
    refused: tuple[Fault, ...] = ()
    said: object = None
    try:
        said = action.from_paper(line)
    except Invalid as refusal:
        refused = refusal.faults

    told = [(fault.reason.code, fault.pointer) for fault in refused] == [("paper_word", f"/{cell}")]
    # Who else is named stands in what says who recorded it, where the type has no words.
    assert told != (str(CELLS[cell]) in str(said)) or (cell == "companions" and not kept)


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ({"类型": "谈心", "结果": "未见到", "内容": "孩子请假未到校"}, "paper_word", "结果"),
        ({"类型": "谈心", "结果": "情绪好", "内容": ""}, "paper_word", "结果"),
        ({"类型": "谈心", "对象": "监护人", "结果": ""}, "paper_word", "对象"),
        ({"类型": "谈心", "结果": "", "时长(分钟)": "0"}, "no_talk", "时长(分钟)"),
        ({"结果": "无人在家"}, "cells_contradict", "结果"),
        ({"结果": "拒绝", "对象": "儿童和监护人"}, "cells_contradict", "结果"),
        ({"类型": "电话", "对象": "父亲", "结果": "未接通", "时长(分钟)": "5"}, "cells_contradict", "结果"),
        ({"类型": "电话", "对象": "父亲", "结果": "号码有误", "时长(分钟)": "1"}, "cells_contradict", "结果"),
        ({"学籍号": "", "儿童姓名": ""}, "missing", "学籍号"),
    ],
)
def test_what_is_blank_or_did_not_take_place_is_asked_about(
    system: System, cells: dict[str, str], code: str, column: str
) -> None:
    take_roster(system, form({}))

    done = take_log(system, log(cells))

    assert (done.recorded, why(done)) == (0, [(2, code)])
    assert done.refused[0].reason.zh.startswith(f"{column}：")
    assert child_on_paper(system).last_contact is None


def test_a_call_whose_length_nobody_wrote_down_is_a_contact_of_unknown_length(system: System) -> None:
    take_roster(system, form({}))

    take_log(system, log({"类型": "电话", "对象": "父亲", "结果": "接通", "时长(分钟)": ""}))

    child = child_on_paper(system)
    assert child.last_contact is not None
    assert child.last_contact.day == date(2026, 3, 5)
    assert child.entries[-1].details.minutes is None


def test_a_word_that_is_not_known_is_answered_with_those_that_are(system: System) -> None:
    take_roster(system, form({}))

    (refused,) = take_log(system, log({"类型": "电话", "结果": "没戏"})).refused

    assert refused.reason.zh == "结果：此类型不认识该栏的用词；可填：接通、未接通、号码有误、语言不通"


def test_a_column_that_a_type_needs_and_that_is_not_there_is_asked_for(system: System) -> None:
    take_roster(system, form({}))
    without = tuple(column for column in COLUMNS if column != "对象")

    (refused,) = take_log(system, log({"类型": "电话", "结果": "接通"}, columns=without)).refused

    assert refused.reason.zh.startswith("对象：该栏未填或没有这一列，而此类型须填写；可填：儿童、")


def test_a_talk_that_did_not_take_place_is_to_be_left_out(system: System) -> None:
    take_roster(system, form({}))

    (refused,) = take_log(system, log({"类型": "谈心", "结果": "未谈成"})).refused

    assert "请删去整行，不要只清空此栏" in refused.reason.zh
    assert "leave the whole line out" in refused.reason.en


def test_a_type_that_is_not_known_is_answered_with_those_that_are(system: System) -> None:
    take_roster(system, form({}))

    (refused,) = take_log(system, log({"类型": "打麻将"})).refused

    words = [action.paper[0] for action in PAPERED]
    assert all(word in refused.reason.zh and word in refused.reason.en for word in words)
    (near,) = take_log(system, log({"类型": "去家访了"})).refused
    assert near.reason.zh == "类型：没有这一类型；可填：家访"


def test_columns_that_contradict_each_other_are_both_named(system: System) -> None:
    take_roster(system, form({}))
    call = {"类型": "电话", "对象": "父亲", "结果": "未接通", "时长(分钟)": "5"}

    visit, called = take_log(system, log({"结果": "无人在家"}, call)).refused

    for text in (visit.reason.zh, visit.reason.en):
        assert "结果" in text
        assert "对象" in text
    for text in (called.reason.zh, called.reason.en):
        assert "结果" in text
        assert "时长(分钟)" in text


@pytest.mark.parametrize("place", [3, len(COLUMNS)])
def test_a_cell_under_an_empty_header_refuses_its_line(system: System, place: int) -> None:
    take_roster(system, form({}))
    head, first, second = log({}, {"内容": "后一行"}).decode().splitlines()
    rows = [row.split(",") for row in (head, first, second)]
    for row, cell in zip(rows, ("", "孩子说想爸爸", " "), strict=True):
        row.insert(place, cell)

    done = take_log(system, "\n".join(",".join(row) for row in rows).encode())

    assert (done.lines, done.recorded, why(done)) == (2, 1, [(2, "no_column")])
    assert f"第 {place + 1} 列" in done.refused[0].reason.zh
    assert "爸爸" not in str(done)


def test_where_nobody_answered_no_minutes_are_asked_for(system: System) -> None:
    take_roster(system, form({}))

    done = take_log(system, log({"类型": "电话", "对象": "父亲", "结果": "未接通", "时长(分钟)": ""}))

    assert (done.recorded, child_on_paper(system).last_contact) == (1, None)


def child_on_paper(system: System) -> Child:
    (child_id,) = system.record.find(kind="student_no", word="T1", scope="")
    return fold(child_id, system.log.stream(child_id))


def test_a_refused_line_is_told_everything_that_is_to_be_mended(system: System) -> None:
    take_roster(system, form({}))
    bad = {"日期": "2026年3月", "记录人": "无名氏", "时长(分钟)": "半天", "登记日期": "?"}
    words = {"类型": "电话", "对象": "村长家", "结果": "没戏"}

    done = take_log(system, log(bad, {**bad, "学籍号": "T9"}, {**bad, "儿童姓名": "别人"}, words))

    told = [[reason.code for reason in each.reasons] for each in done.refused]
    cells = ["inexact_day", "bad_date", "bad_number", "unknown_carer"]
    assert told == [
        cells,
        ["unknown_child", *cells],
        ["name_mismatch", *cells],
        ["paper_word", "paper_word"],
    ]


@pytest.mark.parametrize(("who", "kept"), [("父亲", "对象：父亲"), ("妈妈", "对象：妈妈"), ("父母", None)])
def test_a_visit_keeps_which_parent_was_met(system: System, who: str, kept: str | None) -> None:
    take_roster(system, form({}))

    done = [take_log(system, log({"对象": who, "内容": ""})).recorded for _ in range(2)]

    assert (done, child_on_paper(system).entries[-1].details.record) == ([1, 0], kept)
