"""`careledger rules …`: which rules there are, checking a file, binding a rule to an organisation."""

from datetime import date
from typing import Annotated

import typer

from application.organisations.known_rules import known_rules
from application.reasons import UNKNOWN_RULE
from cli.leaving_out import LeftOut
from cli.options import File, Json, Org, read_day
from cli.session import operator, session_of
from cli.terminal import Columns, say, show_items, show_json
from domain.refusal import Fault, Text, Unknown
from domain.rules.binding import RuleBinding
from domain.rules.rule import Rule
from domain.rules.rule_files import RulesByVersion, check_text, placed

app = typer.Typer(no_args_is_help=True, help="规则 / rules")

RuleWord = Annotated[
    str, typer.Argument(metavar="RULE", help="规则编号，如 C39 或 C39@2 / id, or id@version")
]
From = Annotated[
    date, typer.Option("--from", parser=read_day, metavar="DATE", help="生效日期 / in force from this day")
]
Until = Annotated[
    date | None,
    typer.Option("--until", parser=read_day, metavar="DATE", help="失效日期 / in force until the day before"),
]
FAULTS: Columns[tuple[str, Fault]] = (
    (Text(zh="文件与行", en="File and line"), lambda found: found[0]),
    (Text(zh="位置", en="Place"), lambda found: found[1].pointer),
    (Text(zh="代码", en="Code"), lambda found: found[1].reason.code),
    (Text(zh="原因", en="Reason"), lambda found: found[1].reason),
)


@app.command("list")
def list_rules(ctx: typer.Context, *, as_json: Json = False) -> None:
    """列出规则与适用机构 / List the known rules and where each is bound."""
    session, left_out = session_of(ctx), LeftOut()
    with session.system() as system:
        rules = known_rules(system.settings)
        bindings = system.organisations.governance.bindings_below("", unread=left_out.unread_org)
    left_out.head(as_json=as_json)
    if as_json:
        show_json([_shown(rule, bindings) for rule in rules.values()])
        left_out.end()
        return
    columns: Columns[Rule] = (
        (Text(zh="规则", en="Rule"), lambda rule: rule.rule_id),
        (Text(zh="版本", en="Version"), lambda rule: rule.version),
        (Text(zh="名称", en="Title"), lambda rule: rule.title),
        (Text(zh="周期", en="Period"), lambda rule: rule.period),
        (
            Text(zh="适用机构（起）", en="Bound to (from)"),
            lambda rule: "\n".join(f"{b.org} ({b.effective_from})" for b in bindings if b.rule == rule),
        ),
    )
    show_items(rules.values(), columns, language=session.language)
    left_out.end()


@app.command("check")
def check(ctx: typer.Context, *, file: File, as_json: Json = False) -> None:
    """检查规则文件 / Check a file of rules."""
    session = session_of(ctx)
    text = file.read_text(encoding="utf-8")
    faults = check_text(text)
    lines = [placed(text, fault) for fault in faults]
    if as_json:
        found = [
            {
                "pointer": fault.pointer,
                "code": fault.reason.code,
                "zh": fault.reason.zh,
                "en": fault.reason.en,
                "file": file.name,
                "line": line,
            }
            for fault, line in zip(faults, lines, strict=True)
        ]
        show_json({"ok": not faults, "faults": found})
    elif faults:
        placed_faults = [
            (f"{file.name}:{line}" if line else file.name, fault)
            for fault, line in zip(faults, lines, strict=True)
        ]
        show_items(placed_faults, FAULTS, language=session.language)
    else:
        say(Text(zh="没有错误", en="No mistakes found."), language=session.language)
    if faults:
        raise typer.Exit(1)


@app.command("bind")
def bind(
    ctx: typer.Context,
    *,
    rule: RuleWord,
    org: Org,
    effective_from: From,
    effective_to: Until = None,
    as_json: Json = False,
) -> None:
    """对机构适用规则 / Bind a rule to an organisation and all below it."""
    session = session_of(ctx)
    with session.system() as system:
        chosen = _chosen(rule, known_rules(system.settings))
        bound = system.organisations.governance.bind_rule(
            org,
            rule=chosen,
            effective_from=effective_from,
            effective_to=effective_to,
            actor=operator(),
        )
    if as_json:
        show_json(_binding(bound))
    else:
        name = f"{chosen.rule_id}@{chosen.version}"
        say(
            Text(
                zh=f"自 {effective_from} 起，{org} 适用 {name}",
                en=f"{name} holds for {org} from {effective_from} on",
            ),
            language=session.language,
        )


def _chosen(word: str, rules: RulesByVersion) -> Rule:
    """Find a rule by id and version; without a version the latest. Raises `Unknown`."""
    rule_id, _, version = word.partition("@")
    fitting = [rule for (i, v), rule in rules.items() if i == rule_id and version in ("", str(v))]
    if not fitting:
        raise Unknown(Fault(reason=UNKNOWN_RULE))
    return max(fitting, key=lambda rule: rule.version)


def _shown(rule: Rule, bindings: tuple[RuleBinding, ...]) -> dict[str, object]:
    return {
        "rule_id": rule.rule_id,
        "version": rule.version,
        "title": {"zh": rule.title.zh, "en": rule.title.en},
        "source": rule.source,
        "period": rule.period,
        "bound": [_binding(b) for b in bindings if b.rule == rule],
    }


def _binding(bound: RuleBinding) -> dict[str, object]:
    return {
        "rule_id": bound.rule.rule_id,
        "version": bound.rule.version,
        "org": bound.org,
        "effective_from": bound.effective_from,
        "effective_to": bound.effective_to,
    }
