"""A line of a care log is one entry, however often it comes and however it is spelled."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.access import SYSTEM
from application.intake.imports.care_log_cells import COLUMNS
from application.intake.imports.care_log_entries import CarersNamed, entry_of
from application.intake.imports.care_log_form import read_care_log
from application.intake.imports.care_log_meaning import Meaning, meaning_of
from application.intake.imports.paper import derived_id
from application.intake.undo import undo_batch
from application.recording.outcome import Provenance
from application.system import System
from domain.care_actions.home_visit_made import HomeVisitMade
from domain.choices import Met, VisitOutcome
from domain.event import NewEvent, Occurred
from tests.application.intake.sheets import books
from tests.application.papers import LINE, SCHOOL, form, log, take_log, take_roster
from tests.support.systems import fresh_system

HEADINGS: Mapping[str, Sequence[str]] = {
    "日期": ("日期", "家访日期", "谈话时间"),
    "时间": ("时间", "时刻"),
    "学籍号": ("学籍号", "全国学籍号"),
    "儿童姓名": ("儿童姓名", "学生姓名"),
    "类型": ("类型", "家访形式"),
    "记录人": ("记录人", "家访教师"),
    "对象": ("对象", "被访人"),
    "结果": ("结果", "走访结果"),
    "时长(分钟)": ("时长(分钟)", "用时"),
    "内容": ("内容", "谈话内容"),
    "目的": ("目的",),
    "效果": ("效果",),
}
WORDS: Mapping[str, Sequence[str]] = {
    "家访": ("家访", "入户走访", "上门家访"),
    "电话": ("电话", "打电话", "电话联系"),
    "儿童": ("儿童", "本人", "孩子", "本 人"),
    "父亲": ("父亲", "爸爸"),
    "母亲": ("母亲", "妈妈"),
    "祖母": ("奶奶", "祖母"),
    "祖父和儿童": ("爷爷、本人", "本人，祖父"),
    "见到": ("见到", "已见", "在家"),
    "接通": ("接通", "通了"),
}


@dataclass(frozen=True)
class Visit:
    """What a line means."""

    day: date
    time: str
    kind: str
    people: str
    minutes: int | None
    content: str
    aim: str
    effect: str


def spelled(visit: Visit, choose: Callable[[Sequence[str]], str]) -> dict[str, str]:
    """Write a line in one of the styles that are known."""
    d = visit.day
    day = choose(
        (d.isoformat(), f"{d.year}/{d.month}/{d.day}", f"{d.year}年{d.month}月{d.day}日", f"{d:%Y.%m.%d}")
    )
    hour, _, minute = visit.time.partition(":")
    time = choose((visit.time, f"{hour}点{minute}分", f"{visit.time}:00")) if visit.time else ""
    if time and choose(("apart", "together")) == "together":
        day, time = f"{day} {visit.time}", ""
    minutes = visit.minutes
    return {
        "日期": day,
        "时间": time,
        "学籍号": choose(("T1", "t1", "Ｔ1")),
        "儿童姓名": choose(("戴小春", "戴 小春", "")),
        "类型": choose(WORDS[visit.kind]),
        "记录人": choose(("卢小佑", "卢 小佑")),
        "对象": choose(WORDS[visit.people]),
        "结果": choose(WORDS["见到" if visit.kind == "家访" else "接通"]),
        "时长(分钟)": "" if minutes is None else choose((f"{minutes}", f"{minutes}分钟", f"{minutes}.0")),
        "内容": choose((visit.content, f"{visit.content[:2]} {visit.content[2:]}")),
        "目的": visit.aim,
        "效果": visit.effect,
    }


def file_of(
    lines: Sequence[dict[str, str]], columns: Sequence[str], headings: Sequence[str], how: str
) -> bytes:
    rows = [list(headings), *([line[c] for c in columns] for line in lines)]
    if how == "xlsx":
        return books.written(rows)
    if how == "docx":
        return books.document(rows)
    held = io.StringIO()
    csv.writer(held, delimiter="\t" if how == "gb18030" else ",").writerows(rows)
    return held.getvalue().encode(how)


ONE = CarersNamed(known=(UUID(int=1),))
SEEDS = st.integers(0, 1 << 32)
visits = st.builds(
    Visit,
    day=st.dates(date(2026, 3, 1), date(2026, 3, 4)),
    time=st.sampled_from(("", "16:15", "9:05")),
    kind=st.sampled_from(("家访", "电话")),
    people=st.sampled_from(("儿童", "父亲", "母亲", "祖母", "祖父和儿童")),
    minutes=st.sampled_from((None, 5, 40)),
    content=st.sampled_from(("了解学习", "了解生活")),
    aim=st.sampled_from(("问候", "回访")),
    effect=st.sampled_from(("较好", "一般")),
).filter(lambda visit: (visit.kind, visit.people) != ("电话", "祖父和儿童"))


def paper(wanted: Sequence[Visit], seed: int) -> bytes:
    """The lines in styles, an order of columns and a format that follow from a seed."""
    random = Random(seed)
    columns = random.sample([*HEADINGS], len(HEADINGS))
    lines = [spelled(visit, random.choice) for visit in wanted]
    headings = [random.choice(HEADINGS[column]) for column in columns]
    return file_of(lines, columns, headings, random.choice(("utf-8", "gb18030", "xlsx", "docx")))


def meanings(data: bytes) -> list[Meaning]:
    form = read_care_log(data)
    assert not form.refused
    entries = [entry_of(line, carers=lambda _text: ONE, event_id=UUID(int=2)) for line in form.readable]
    return [
        meaning_of(entry, known=form.words, line=line)
        for entry, line in zip(entries, form.readable, strict=True)
    ]


@given(visit=visits, seeds=st.tuples(SEEDS, SEEDS))
def test_a_line_means_the_same_in_every_style(visit: Visit, seeds: tuple[int, int]) -> None:
    (first,), (again,) = (meanings(paper([visit], seed)) for seed in seeds)

    assert first == again


@given(wanted=st.lists(visits, min_size=2, max_size=6, unique=True), seed=SEEDS)
def test_what_means_something_else_never_gets_one_id(wanted: list[Visit], seed: int) -> None:
    found = meanings(paper(wanted, seed))

    assert len({meaning.texts for meaning in found}) == len(wanted)
    assert not any(a.may_be(b) for a, b in combinations(found, 2))


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    with fresh_system(tmp_path) as system:
        yield system


@pytest.fixture
def school(system: System) -> System:
    take_roster(system, form({}))
    return system


@pytest.mark.parametrize("seed", range(4))
def test_a_log_in_any_style_is_known_in_any_other(school: System, seed: int) -> None:
    random = Random(seed)
    wanted = {
        Visit(
            day=date(2026, 3, random.randint(1, 4)),
            time=random.choice(("", "16:15")),
            kind=random.choice(("家访", "电话")),
            people=random.choice(("儿童", "父亲", "母亲", "祖母")),
            minutes=random.choice((None, 40)),
            content=random.choice(("了解学习", "了解生活")),
            aim=random.choice(("问候", "回访")),
            effect="较好",
        )
        for _ in range(40)
    }

    done = [take_log(school, paper([*wanted], seed=10 * seed + n)) for n in range(3)]

    assert [(each.recorded, each.refused) for each in done] == [(len(wanted), ()), (0, ()), (0, ())]


def test_a_day_of_a_month_is_another_in_the_list_of_another_month(school: System) -> None:
    columns = [column for column in LINE if column not in ("时间", "登记日期")]
    march, april = (
        books.document(
            [columns, [{**LINE, "日期": "5日"}[column] for column in columns]],
            above=[f"2026年{month}月家访记录"],
        )
        for month in (3, 4)
    )

    assert [take_log(school, each).recorded for each in (march, april, march, april)] == [1, 1, 0, 0]


def test_a_line_of_0_2_is_known_by_its_cells_but_not_in_another_month(school: System) -> None:
    columns = [column for column in LINE if column not in ("时间", "登记日期")]
    cells = {**LINE, "日期": "5日", "时间": "", "登记日期": ""}
    march, april = (
        books.document([columns, [cells[column] for column in columns]], above=[f"2026年{month}月家访记录"])
        for month in (3, 4)
    )
    # Version 0.2 gave every line the id of its cells.
    of_cells = derived_id(school.keyring.digest("import_line", SCHOOL, 0, *(cells[c] for c in COLUMNS)))
    (child,) = school.record.find(kind="student_no", word="T1", scope="")
    (carer,) = school.carers.named(org=SCHOOL, name="卢小佑")
    visit = HomeVisitMade(carers=(carer,), outcome=VisitOutcome.MET, met=(Met.CHILD,), minutes=31)
    new_event = NewEvent(
        event_id=of_cells, occurred=Occurred.on(date(2026, 3, 5)), details=visit, recorded_by="卢小佑"
    )
    of_import = Provenance(import_id=UUID(int=7))
    school.record.record_many(
        actor=SYSTEM, stream_id=child, new_events=[new_event], provenance=of_import, unattended=True
    )

    assert [take_log(school, each).recorded for each in (march, april)] == [0, 1]


def test_remarks_tell_lines_apart_and_a_remark_more_does_not(school: System) -> None:
    line = {**LINE, "内容": ""}
    apart = [{**line, "目的": "送书"}, {**line, "目的": "送药"}]
    columns = [*LINE, "目的"]
    both = file_of(apart, columns, columns, "utf-8")
    plain = file_of([line], [*LINE], [*LINE], "utf-8")

    recorded = [take_log(school, each).recorded for each in (both, both, plain)]

    assert recorded == [2, 0, 0]


@pytest.mark.parametrize("remarked", [True, False])
def test_a_remark_that_is_added_later_makes_no_second_visit(school: System, *, remarked: bool) -> None:
    columns = [*LINE, "目的"]
    files = [log({}), file_of([{**LINE, "目的": "送书"}], columns, columns, "utf-8")]

    recorded = [take_log(school, each).recorded for each in (reversed(files) if remarked else files)]

    assert recorded == [1, 0]


def test_a_stop_at_the_end_makes_no_second_visit(school: System) -> None:
    with_stop = file_of([{**LINE, "内容": f"{LINE['内容']}。"}], [*LINE], [*LINE], "xlsx")

    assert [take_log(school, each).recorded for each in (log({}), with_stop)] == [1, 0]


def test_children_of_one_name_have_each_their_line(system: System) -> None:
    take_roster(system, form({}, {"学籍号": "T2", "班级": "5班", "出生日期": "2015-05-01", "性别": "男"}))
    columns = [*LINE, "年级", "班级"]
    lines = [{**LINE, "学籍号": "", "年级": "3年级", "班级": group} for group in ("4班", "5班")]

    done = take_log(system, file_of(lines, columns, columns, "utf-8"))

    assert (done.recorded, done.refused) == (2, ())


def test_an_undone_line_may_come_again_in_another_spelling(school: System) -> None:
    columns = [*LINE, "目的"]
    first = file_of([{**LINE, "目的": "送书"}], columns, columns, "utf-8")
    other = file_of([{**LINE, "日期": "2026/3/5", "目的": "送 书"}], columns, columns, "xlsx")
    done = take_log(school, first)
    undo_batch(done.import_id, approved_by="head", registers=school.registers, actor=SYSTEM)

    assert [take_log(school, each).recorded for each in (other, first)] == [1, 0]


def test_the_parts_of_an_id_by_meaning_are_for_ever(school: System) -> None:
    columns = [*LINE, "目的"]
    take_log(
        school, file_of([{**LINE, "学籍号": "", "对象": "奶奶", "目的": "送书"}], columns, columns, "utf-8")
    )

    (child,) = school.record.find(kind="student_no", word="T1", scope="")
    (carer,) = school.carers.named(org=SCHOOL, name="卢小佑")
    visit = school.log.stream(child)[-1]
    parts = (
        "home_visit_made",
        f'[["carers",["{carer}"]],["kind","regular"],["met",["guardian"]],["minutes",30],["outcome","met"]]',
        *("2026-03-05", "2026-03-05T08:15:00+00:00", "2026-03-06"),
        *("了解学习和生活情况", "目的：送书", "", "祖母"),
    )
    assert visit.event_id == derived_id(school.keyring.digest("import_line_meaning", child, 0, *parts))


@pytest.fixture
def two_carers(system: System) -> System:
    take_roster(system, form({}, {"学籍号": "T2", "姓名": "石小川", "结对帮扶人": "孙小青"}))
    return system


def entry_on_paper(system: System) -> Any:
    (child,) = system.record.find(kind="student_no", word="T1", scope="")
    return system.log.stream(child)[-1].details


@pytest.mark.parametrize("number", ["T1", ""])
def test_whoever_of_two_carers_is_named_first_it_is_one_line(two_carers: System, number: str) -> None:
    both = ("卢小佑、孙小青", "孙小青，卢 小佑", "孙小青 卢小佑", "孙小青老师 卢小佑老师", "卢小佑和孙小青")
    files = [log({"学籍号": number, "记录人": who}) for who in both]

    done = [take_log(two_carers, each) for each in (*files, *files)]

    assert [(each.recorded, each.already_recorded) for each in done] == [(1, 0)] + [(0, 1)] * 9
    assert len(entry_on_paper(two_carers).carers) == 2


@pytest.mark.parametrize(
    ("kind", "who", "kept"),
    [("家访", "儿童", "accompanied_by"), ("电话", "父亲", "record"), ("谈心", "儿童", "record")],
)
def test_a_second_carer_whom_nobody_knows_is_kept_with_the_entry(
    school: System, kind: str, who: str, kept: str
) -> None:
    line = {"类型": kind, "对象": who, "结果": "接通" if kind == "电话" else "见到"}
    files = [
        log({**line, "记录人": names}) for names in ("卢小佑、周小计", "周小计、卢小佑", "卢小佑、周大计")
    ]

    done = [take_log(school, each).recorded for each in files[:2]]

    assert done == [1, 0]
    assert "周小计" in getattr(entry_on_paper(school), kept)
    assert take_log(school, files[2]).recorded == 1


@pytest.mark.parametrize("names", ["卢小佑、孙小青", "孙小青、卢小佑"])
def test_a_line_of_which_the_first_carer_alone_was_kept_is_known(two_carers: System, names: str) -> None:
    (child,) = two_carers.record.find(kind="student_no", word="T1", scope="")
    (carer,) = two_carers.carers.named(org=SCHOOL, name="卢小佑")
    visit = HomeVisitMade(carers=(carer,), outcome=VisitOutcome.MET, met=(Met.CHILD,), minutes=30)
    new_event = NewEvent(
        event_id=UUID(int=9),
        occurred=Occurred.on(date(2026, 3, 5)),
        details=visit,
        recorded_by="卢小佑、孙小青",
    )
    two_carers.record.record_many(
        actor=SYSTEM,
        stream_id=child,
        new_events=[new_event],
        provenance=Provenance(import_id=UUID(int=7)),
        unattended=True,
    )
    same = {"记录人": names, "时间": "", "内容": "", "登记日期": ""}

    done = [take_log(two_carers, log({**same, **said})).recorded for said in ({}, {"内容": "另一次"})]

    assert done == [0, 1]
