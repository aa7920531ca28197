"""`careledger import columns`, and its page of the documentation: the columns and words that are known.

`python -m cli.paper_words` prints that page.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from application.intake.papers.words import Role, Words, words
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


if __name__ == "__main__":
    sys.stdout.buffer.write(page().encode())
