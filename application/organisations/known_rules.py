"""The rules that are known without being bound: those that ship, and the deployment's own files."""

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from application.settings import Settings
from domain.reasons import RULE_TWICE
from domain.refusal import Invalid, invalid
from domain.rules.rule_files import RulesByVersion, check_text, load_rules, placed, presets

POLICY = "policy.toml"


def known_rules(settings: Settings) -> RulesByVersion:
    """Read every known rule, by id and version.

    Raises `Invalid` where an own file is faulty, with its name and line before the pointer, or says something
    else under the id and version of a rule that ships: a changed rule is a new version. Nothing of such a
    folder is known then.
    """
    own = _read(_own_files(settings.rules_dir))
    for key, rule in own.items():
        if presets().get(key, rule) != rule:
            raise invalid(RULE_TWICE, "/version")
    return MappingProxyType(dict(sorted({**presets(), **own}.items())))


def _read(files: list[Path]) -> RulesByVersion:
    texts = {file.name: file.read_text(encoding="utf-8") for file in files}
    faults = [
        replace(fault, pointer=f"{name}:{placed(text, fault) or 1}{fault.pointer}")
        for name, text in texts.items()
        for fault in check_text(text)
    ]
    if faults:
        raise Invalid(*faults)
    return load_rules(texts.values())


def _own_files(folder: Path | None) -> list[Path]:
    return sorted(f for f in folder.glob("*.toml") if f.name != POLICY) if folder else []
