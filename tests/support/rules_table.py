"""The table of rows, their presets and the tests of each, for `docs/rules.md`.

.venv/bin/python -m tests.support.rules_table > docs/rules.md
"""

import sys
from collections.abc import Iterator

from domain.rules.rule import Rule, levels_of
from domain.rules.rule_files import presets

ROWS = (
    *(f"C{n:02d}" for n in range(1, 47)),
    *(f"T{n:02d}" for n in range(1, 16)),
    *(f"P{n:02d}" for n in range(1, 5)),
    *(f"L{n:02d}" for n in range(1, 9)),
)
_KINDS = {"met": "met · 达标", "short": "short · 未达标", "edge": "edge · 边界"}


def page() -> str:
    """Return the page as Markdown."""
    return "\n".join([*_head(), *_rows(), ""])


def _head() -> Iterator[str]:
    yield "# Rules · 规则"
    yield ""
    yield "<!-- Generated: .venv/bin/python -m tests.support.rules_table > docs/rules.md -->"
    yield ""
    yield (
        "What schools, villages and the law ask for, row by row: the rule that comes with CareLedger, whom it"
        " judges in which period, and what its tests tell. A rule is off until it is bound. *open* names no "
        "number, so nothing is scored; *cannot be told* is never met. Each file says how its row is read."
    )
    yield ""
    yield "| Row | Rule | Judges | Number | Tests |"
    yield "|---|---|---|---|---|"


def _rows() -> Iterator[str]:
    from tests.domain.rules.preset_cases import CHILDREN, UNITS

    cases = {**CHILDREN, **UNITS}
    for (rule_id, version), rule in sorted(
        presets().items(), key=lambda each: (ROWS.index(each[0][0]), each[0][1])
    ):
        name = rule_id if version == 1 else f"{rule_id}@{version}"
        file = f"{rule_id}.toml" if version == 1 else f"{rule_id}-{version}.toml"
        tested = ", ".join(f"{_KINDS[case.kind]}: {case.status}" for case in cases[name])
        link = f"[{name}](../domain/rules/presets/{file})"
        title = f"{rule.title.zh}<br>{rule.title.en}"
        yield f"| {link} | {title} | {_judges(rule)} | {_number(rule)} | {tested} |"


def _judges(rule: Rule) -> str:
    return "<br>".join(f"{level.subject.en}, {level.period.en}" for level in levels_of(rule))


def _number(rule: Rule) -> str:
    found = []
    for each in rule.requirements:
        if each.untold is not None:
            found.append("cannot be told")
        elif each.op == "every":
            found.append("every one")
        elif each.n is None:
            found.append("open")
        else:
            op = "≤ " if each.op == "at_most" else ""
            every = f" in each {each.each.every.en}" if each.each is not None else ""
            share = f" for {each.share:.0%}" if each.share is not None else ""
            found.append(f"{op}{each.n}{every}{share}")
    return "<br>".join(found)


if __name__ == "__main__":
    sys.stdout.write(page())
