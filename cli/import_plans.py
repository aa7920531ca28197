"""What an import would do, shown before it is done, and what it did."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import typer

from application.intake.imports.answers import Answer
from application.intake.imports.care_log import CareLogResult
from application.intake.imports.paper import RefusedLine
from application.intake.imports.roster_result import DifferingRow, RosterResult
from application.intake.papers.finding import ColumnRead, SheetNotRead
from application.intake.papers.office import office_words
from application.intake.papers.refusals import refused_book
from application.intake.papers.words import Role, Words
from application.system import System
from cli.batch_results import CODE, LINE, WHY
from cli.exits import NEEDS_A_YES, NONE_RECORDED, PARTLY
from cli.session import Session, operator
from cli.terminal import Columns, confirmed, note, progress_bar, say, show_items, show_json
from domain.case_no import case_no_of
from domain.child import Child
from domain.refusal import Reason, Text

R = TypeVar("R", RosterResult, CareLogResult)

FORESEEN = Text(
    zh="儿童会建档，但以下 {} 项须核对或不会登记：",
    en="The children will be enrolled; these {} items are to be checked or will not be recorded:",
)
INCOMPLETE = Text(
    zh="已建档，但以下 {} 项须核对或未登记，改好后再次导入即可补上：",
    en="Enrolled, but these {} items are to be checked or were not recorded. "
    "Correct them and import again to add them:",
)
KEPT = Text(
    zh="以下 {} 项不一致不能按变更登记，已有记录保留：",
    en="Differences that can't be recorded as changes: {}. What is recorded stays:",
)
ASKED = Text(
    zh="以下 {} 行可能与另一份档案或另一行是同一名儿童，请核对；待核对的见 careledger doubles：",
    en="These {} rows may be of a child who has another file or row. Check them; `careledger doubles` lists "
    "such files:",
)
REPEATED = Text(
    zh="以下 {} 行可能与另一条是同一件事，请核对；登记后的见 careledger repeats：",
    en="These {} lines may tell of the same as another entry. Check them; `careledger repeats` lists those "
    "that are recorded:",
)
HOW_TO_APPLY = Text(
    zh="确实变了的，加 --apply-changes 即登记为变更（--changed-on 写明从哪天起，默认今天）；"
    "逐项核对用 careledger compare。",
    en="With --apply-changes they are recorded as changes, from the day --changed-on on (default: today). "
    "To settle them one by one use careledger compare.",
)
# How many children that a list leaves out are named below it.
_NAMED = 20
SKIPPED: Mapping[str, Text] = {
    "total": Text(zh="合计行", en="total rows"),
    "signature": Text(zh="签名或说明行", en="rows of signatures or notes"),
    "header": Text(zh="重复的表头", en="repeated headers"),
    "blank": Text(zh="没有填写的行", en="lines left blank"),
}
ROLES: Mapping[str | None, Text] = {
    Role.REMARK.value: Text(zh="作为备注保存", en="kept as a remark"),
    Role.PASSED.value: Text(zh="不保存", en="not kept"),
    Role.WHO.value: Text(zh="用来认人", en="tells who is meant"),
    Role.KIND.value: Text(zh="栏目名即结对类型", en="the heading is the kind of pairing"),
    Role.BOTH_PARENTS.value: Text(zh="父母双方", en="both parents"),
    None: Text(zh="不认识", en="not known"),
}


def _place(line: RefusedLine | DifferingRow) -> str:
    """Return where a line stands: with the sheet where more than one has lines."""
    return f"{line.sheet} {line.line}" if line.sheet else str(line.line)


def _all_of(reasons: Sequence[Reason]) -> Text:
    """Return some reasons as one text, a line each."""
    return Text(zh="\n".join(each.zh for each in reasons), en="\n".join(each.en for each in reasons))


REFUSED: Columns[RefusedLine] = (
    (LINE, _place),
    (CODE, lambda line: ", ".join(dict.fromkeys(each.code for each in line.reasons))),
    (WHY, lambda line: _all_of(line.reasons)),
)
DIFFERING: Columns[DifferingRow] = (
    (LINE, _place),
    (
        Text(zh="与已有记录不一致的栏目（未更改）", en="Columns that differ (not applied)"),
        lambda row: "、".join(row.fields),
    ),
)
CHANGED: Columns[DifferingRow] = (
    (LINE, _place),
    (
        Text(zh="登记为变更的栏目", en="Columns recorded as changes"),
        lambda row: "、".join(row.fields),
    ),
)
LEFT_OUT: Columns[Child] = (
    (Text(zh="个案编号", en="Case no."), lambda child: case_no_of(child.child_id)),
    (Text(zh="学籍号", en="Student no."), lambda child: child.profile.student_no if child.profile else None),
    (Text(zh="姓名", en="Name"), lambda child: child.profile.name if child.profile else None),
    (Text(zh="所在", en="Belongs to"), lambda child: child.org),
)
NOT_READ: Columns[SheetNotRead] = (
    (Text(zh="未读取的工作表", en="Sheets not read"), lambda sheet: sheet.sheet),
    (CODE, lambda sheet: sheet.reason.code),
    (WHY, lambda sheet: sheet.reason),
)
ANSWERED: Columns[Answer] = (
    (LINE, lambda each: each.line),
    (Text(zh="问", en="Question"), lambda each: each.column or Text(zh="指谁", en="whom it means")),
    (
        Text(zh="答（记住的）", en="Answer (remembered)"),
        lambda each: case_no_of(each.child_id) if each.child_id is not None else each.word,
    ),
)
READ_AS: Columns[ColumnRead] = (
    (Text(zh="表头", en="Heading"), lambda each: each.heading),
    (Text(zh="读作", en="Read as"), lambda each: each.column or ""),
    (Text(zh="处理", en="How"), lambda each: ROLES.get(each.role, Text(zh="", en=""))),
    (Text(zh="有内容的行", en="Filled cells"), lambda each: each.cells),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How a command was asked for. `children` reads those of whom a result gives the ids."""

    org: str
    kind: str
    words: Words
    remember: Callable[[], object]
    refused_to: Path | None
    yes: bool
    as_json: bool
    language: str
    children: Callable[[Sequence[UUID]], Sequence[Child]] = lambda _ids: ()


def words_of(session: Session, system: System, *, org: str, mapped: Sequence[str], kind: str) -> Words:
    """Return the words that are known, those that a school's headings were said to mean, and those given."""
    known = system.uploaded_papers.maps.known(system.organisations.spelled(org), kind=kind)
    return office_words(session.settings.own_words, kind=kind, mapped=(*known, *mapped))


def each_file(
    files: Sequence[Path], *, plan: Callable[..., R], record: Callable[..., R], label: Text, how: How
) -> None:
    """Show what each file would do and, with a yes, do it. Ends with the code of what became of them."""
    if not how.yes:
        planned = [_taken(file, plan, label=_before("预览", "Looking at", label), how=how) for file in files]
        _show_all(files, planned, how=how)
        _give_back(files, planned, how=how)
        _ask(how)
    done = [_taken(file, record, label=_before("导入", "Importing", label), how=how) for file in files]
    _show_all(files, done, how=how)
    _give_back(files, done, how=how)
    if any(each.taken for each in done):
        how.remember()
    _end(done)


def _give_back(files: Sequence[Path], done: Sequence[RosterResult | CareLogResult], *, how: How) -> None:
    """Write the refused lines into a workbook where that is asked for; of several files into one each."""
    if how.refused_to is None:
        return
    for number, (file, each) in enumerate(zip(files, done, strict=True), start=1):
        if each.refused:
            to = (
                how.refused_to
                if len(files) == 1
                else how.refused_to.with_stem(f"{how.refused_to.stem}-{number}")
            )
            to.write_bytes(refused_book(file.read_bytes(), each.refused, kind=how.kind, words=how.words))
            note(
                Text(
                    zh=f"未接受的行已写入 {to}，改好后可再次导入。",
                    en=f"The refused lines are in {to}; mend them and import that file.",
                ),
                language=how.language,
            )


def _before(zh: str, en: str, label: Text) -> Text:
    return Text(zh=f"{zh}{label.zh}", en=f"{en}: {label.en.lower()}")


def _ask(how: How) -> None:
    """End unless whoever sits at the terminal agrees."""
    question = Text(zh="登记以上内容？", en="Record this?")
    if how.as_json or not confirmed(question, language=how.language):
        advice = Text(zh="什么都没有登记；加 --yes 即登记。", en="Nothing was recorded. With --yes it is.")
        note(advice, language=how.language)
        raise typer.Exit(NEEDS_A_YES)


def _taken(file: Path, take: Callable[..., R], *, label: Text, how: How) -> R:
    with progress_bar(label, language=how.language, quiet=how.as_json) as progress:
        return take(file.read_bytes(), org=how.org, actor=operator(), progress=progress, all_words=how.words)


def _show_all(files: Sequence[Path], done: Sequence[RosterResult | CareLogResult], *, how: How) -> None:
    if how.as_json:
        show_json(done if len(done) > 1 else done[0])
        return
    for file, each in zip(files, done, strict=True):
        _show(each, file=file if len(files) > 1 else None, how=how)


def _end(done: Sequence[RosterResult | CareLogResult]) -> None:
    """End with a code of its own where something of the files was not recorded."""
    left = any(each.refused or getattr(each, "incomplete", ()) for each in done)
    if left and not any(each.taken for each in done):
        raise typer.Exit(NONE_RECORDED)
    if left:
        raise typer.Exit(PARTLY)


def _show(done: RosterResult | CareLogResult, *, file: Path | None, how: How) -> None:
    language = how.language
    if file is not None:
        say(Text(zh=f"{file}：", en=f"{file}:"), language=language)
    for text in _sums(done):
        say(text, language=language)
    unusual = [each for each in done.columns if each.heading != each.column and each.cells]
    if done.import_id is None and unusual:
        show_items(unusual, READ_AS, language=language)
    show_answers(done.answers, language=language)
    if isinstance(done, RosterResult):
        _show_rows(done, language=language)
        _show_missing(done, how=how)
    elif done.asked:
        say(_counting(REPEATED, len(done.asked)), language=language)
        show_items(done.asked, REFUSED, language=language)
    if done.refused:
        say(Text(zh="未接受的行：", en="Refused rows:"), language=language)
        show_items(done.refused, REFUSED, language=language)
    if done.sheets_not_read:
        show_items(done.sheets_not_read, NOT_READ, language=language)


def show_answers(answers: Sequence[Answer], *, language: str) -> None:
    """Show what was answered of the lines of a file, which holds until it is answered again."""
    if answers:
        show_items(answers, ANSWERED, language=language)


def _show_rows(done: RosterResult, *, language: str) -> None:
    if done.changed:
        show_items(done.changed, CHANGED, language=language)
    if done.differs:
        show_items(done.differs, DIFFERING, language=language)
        if not done.changed and not done.kept:
            say(HOW_TO_APPLY, language=language)
    if done.kept:
        say(_counting(KEPT, len(done.kept)), language=language)
        show_items(done.kept, REFUSED, language=language)
    if done.asked:
        say(_counting(ASKED, len(done.asked)), language=language)
        show_items(done.asked, REFUSED, language=language)
    if done.incomplete:
        heading = FORESEEN if done.import_id is None else INCOMPLETE
        say(_counting(heading, len(done.incomplete)), language=language)
        show_items(done.incomplete, REFUSED, language=language)


def _show_missing(done: RosterResult, *, how: How) -> None:
    """Name the children in care of whom the list says nothing, the first ones where they are many."""
    if not done.missing:
        return
    count, more = len(done.missing), len(done.missing) > _NAMED
    zh, en = (
        (
            f"（前 {_NAMED} 名，全部见 careledger compare）",
            f", the first {_NAMED}; careledger compare has all",
        )
        if more
        else ("", "")
    )
    say(
        Text(
            zh=f"在册儿童中有 {count} 名不在此名单上，档案不变{zh}：",
            en=f"Children in care who are not in this roster: {count}; they stay as they are{en}:",
        ),
        language=how.language,
    )
    show_items(how.children(done.missing[:_NAMED]), LEFT_OUT, language=how.language)


def _counting(text: Text, count: int) -> Text:
    return Text(zh=text.zh.format(count), en=text.en.format(count))


def _sums(done: RosterResult | CareLogResult) -> Iterator[Text]:
    planned = done.import_id is None
    end_zh = "（预览，尚未登记）" if planned else f"导入编号 {done.import_id}"
    end_en = "This is a preview; nothing is recorded yet." if planned else f"Import {done.import_id}"
    if isinstance(done, RosterResult):
        changed = len(done.changed)
        changed_zh, changed_en = (f"变更 {changed}，", f"{changed} changed, ") if changed else ("", "")
        yield Text(
            zh=f"共 {done.lines} 行：新建档 {done.enrolled}，补登 {done.completed}，"
            f"{changed_zh}已有 {done.already_recorded}，不一致 {len(done.differs)}，"
            f"未接受 {len(done.refused)}。{end_zh}",
            en=f"{done.lines} rows: {done.enrolled} enrolled, {done.completed} completed, "
            f"{changed_en}{done.already_recorded} already recorded, "
            f"{len(done.differs)} differ, {len(done.refused)} refused. {end_en}",
        )
    else:
        yield Text(
            zh=f"共 {done.lines} 行：新记录 {done.recorded}，已有 {done.already_recorded}，"
            f"未接受 {len(done.refused)}。{end_zh}",
            en=f"{done.lines} lines: {done.recorded} recorded, {done.already_recorded} already recorded, "
            f"{len(done.refused)} refused. {end_en}",
        )
    if done.skipped:
        zh = "、".join(f"{SKIPPED[what].zh} {count}" for what, count in done.skipped.items())
        en = ", ".join(f"{count} {SKIPPED[what].en}" for what, count in done.skipped.items())
        yield Text(zh=f"另有不是儿童的行：{zh}。", en=f"Beside these: {en}.")
