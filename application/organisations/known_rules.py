"""The rules that are known without being bound: those that ship, and the deployment's own files."""

from pathlib import Path
from types import MappingProxyType

from application.settings import Settings
from domain.reasons import RULE_TWICE
from domain.refusal import invalid
from domain.rules.rule_files import RulesByVersion, load_rules, presets

POLICY = "policy.toml"


def known_rules(settings: Settings) -> RulesByVersion:
    """Read every known rule, by id and version.

    Raises `Invalid` where an own file is faulty, or says something else under the id and version of a
    rule that ships: a changed rule is a new version.
    """
    own = load_rules(file.read_text(encoding="utf-8") for file in _own_files(settings.rules_dir))
    for key, rule in own.items():
        if presets().get(key, rule) != rule:
            raise invalid(RULE_TWICE, "/version")
    return MappingProxyType(dict(sorted({**presets(), **own}.items())))


def _own_files(folder: Path | None) -> list[Path]:
    return sorted(f for f in folder.glob("*.toml") if f.name != POLICY) if folder else []
