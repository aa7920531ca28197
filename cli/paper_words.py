"""`careledger import columns`, and its page of the documentation: the columns and words that are known.

`python -m cli.paper_words` prints that page.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from application.intake.papers.words import Role, Words, shipped, words
from cli.terminal import Columns
from domain.refusal import Text

KINDS: Mapping[str, Text] = {
    "roster": Text(zh="花名册", en="Lists of children"),
    "care_log": Text(zh="关爱记录", en="Records of care"),
}
ROLES: Mapping[Role, Text] = {
    Role.COLUMN: Text(zh="登记", en="recorded"),
    Role.WHO: Text(zh="用来认人", en="tells who is meant"),
    Role.WHOSE: Text(zh="属于本行所写的监护人", en="belongs to the guardian of the row"),
    Role.BOTH_PARENTS: Text(zh="父母双方", en="says who of the parents is away"),
    Role.REMARK: Text(zh="作为备注保存", en="kept as a remark"),
    Role.PASSED: Text(zh="不保存", en="not kept"),
    Role.KIND: Text(zh="表头即结对类型，下面是姓名", en="the heading is the kind of pairing"),
}

NOBODY: Mapping[str, str] = {
    "words": "没有见到人 · nobody was reached",
    "not": "否定 · a denial",
    "reached": "否定的是 · denied is",
    "though": "不算 · says nothing of it",
}
ANYWHERE: Mapping[str, str] = {
    "yes": "是 · yes",
    "no": "否 · no",
    "unknown": "不知道 · unknown",
    "empty": "不填 · nothing to say",
    "none": "没有 · there is none",
    "ditto": "同上 · as above",
    "left": "姓名旁：已离开 · beside a name: has left",
    "beside_name": "姓名旁：备注 · beside a name: a remark",
    "no_name": "不是姓名 · no name",
    "no_place": "不是地点 · no place",
    "total": "合计行 · rows of sums",
    "signature": "签名行 · rows of signatures",
    "part_of_day": "一天中的时段 · part of the day",
    "about": "大约 · about",
    "filed_on": "填表日期 · day of the list",
    "filed_by": "填表单位 · who filled it in",
    "example": "示例表 · example sheets",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownColumn:
    """A column that is known: what is done with it, its headings, and the words of its cells."""

    sheet: str
    column: str
    role: Role
    headings: tuple[str, ...]
    words: Mapping[str, tuple[str, ...]]


COLUMNS: Columns[KnownColumn] = (
    (Text(zh="种类", en="Kind"), lambda each: KINDS[each.sheet]),
    (Text(zh="栏目", en="Column"), lambda each: each.column),
    (Text(zh="处理", en="How"), lambda each: ROLES[each.role]),
    (Text(zh="也认这些表头", en="Other headings"), lambda each: "、".join(each.headings)),
    (Text(zh="可填的词", en="Words"), lambda each: "、".join(each.words)),
)


def known_columns(known: Words) -> Iterator[KnownColumn]:
    """Go through every column of every kind of sheet."""
    for name, sheet in known.sheets.items():
        by_column: dict[tuple[str, Role], list[str]] = {}
        for word, heading in sheet.headings.items():
            by_column.setdefault((heading.column, heading.role), []).append(word)
        for role in Role:
            for (column, each), headings in by_column.items():
                if each is role:
                    yield KnownColumn(
                        sheet=name,
                        column=column,
                        role=role,
                        headings=tuple(word for word in headings if word != column),
                        words=_words(sheet.values.get(column, {})),
                    )


def _words(values: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for word, meant in values.items():
        found.setdefault(meant, []).append(word)
    return {meant: tuple(word for word in said if word != meant) for meant, said in found.items()}


def page() -> str:
    """Write the page of the documentation."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    known = words()
    yield "# 纸上的栏目与用词 · Columns and words of papers"
    yield ""
    yield (
        "What `careledger import` knows. A heading or a word is compared in either script, without blanks, "
        "stars, colons and （必填）. An office adds its own in `words.toml` in the data directory, in the "
        "form of [the one that ships](../application/intake/papers/words.toml); for one import "
        "`--map 表头=栏目` does."
    )
    for name, text in KINDS.items():
        yield ""
        yield f"## {text.zh} · {text.en}"
        columns = [each for each in known_columns(known) if each.sheet == name]
        for role, how in ROLES.items():
            of_role = [each for each in columns if each.role is role]
            if not of_role:
                continue
            yield ""
            yield f"### {how.zh} · {how.en}"
            yield ""
            yield "| 栏目 · column | 也认这些表头 · other headings |"
            yield "|---|---|"
            yield from (f"| {each.column} | {'、'.join(each.headings) or '–'} |" for each in of_role)
        yield ""
        yield f"### {text.zh}的用词 · Words of the cells"
        yield ""
        yield "| 栏目 · column | 词 · word | 也这样写 · also written |"
        yield "|---|---|---|"
        for each in columns:
            for meant, said in each.words.items():
                yield f"| {each.column} | {meant} | {'、'.join(said) or '–'} |"
    yield from _beside_columns()
    yield from _no_tables()


def _no_tables() -> Iterator[str]:
    """Say what is read although it is no table."""
    yield ""
    yield "## 不是表格的纸 · Papers that are no tables"
    yield ""
    yield (
        "- 一人一页（或一张工作表）的登记表、一次一页的家访记录：标题在左、内容在右，或“姓名：…”；"
        "不认识的标题连同内容存入备注。"
        " A form of one child or one visit a page: labels with what belongs to them beside or below, or "
        "within a cell behind a colon. What no label is known for is kept as a remark. A line has the number "
        "of the row of the name."
    )
    yield (
        "- 一名儿童一本的记录：姓名、班级、帮扶教师写在表的上方。"
        " A book of one child, whose name, class and carer stand above its table."
    )
    yield (
        "- 姓名和日期的登记格：√ 表示做了，也可写类型、结果、内容，或分钟（表上写明单位时）；"
        "其他符号会问。行号 503 是第 5 行第 3 列。"
        " A grid of names and days for records of care: √ says that it was done, and a type, a result, "
        "contents or minutes (where that is said above) may stand there; what another sign means is asked. "
        "Line 503 is row 5, column 3. Who did it stands in a column, or above: 班主任：…"
    )


def _beside_columns() -> Iterator[str]:
    """Go through the words that belong to no column."""
    tables = shipped()
    nobody, joined = tables["care_log"]["nobody"], "、".join
    yield ""
    yield "### 可能没有见到人的说法 · Where a record may have reached nobody"
    yield ""
    yield (
        "Without a column for the result a line is asked how it went (`outcome_unclear`) where its content "
        "says one of these words or of those of a failed result, or a denial up to two characters before "
        "one of the verbs. "
        "What stands in the last row says nothing of it. (`[care_log.nobody]`)"
    )
    yield ""
    yield "| 用途 · what for | 词 · words |"
    yield "|---|---|"
    yield from (f"| {NOBODY[name]} | {joined(nobody[name])} |" for name in NOBODY)
    yield ""
    yield "## 各种表格 · Any paper"
    yield ""
    yield "| 意思 · meaning | `[anywhere]` | 词 · words |"
    yield "|---|---|---|"
    yield from (
        f"| {ANYWHERE[name]} | `{name}` | {joined(said)} |" for name, said in tables["anywhere"].items()
    )


if __name__ == "__main__":
    sys.stdout.buffer.write(page().encode())
