"""The catalogue of care actions: every module in `domain/care_actions/` that gives an `ACTION`."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from domain import care_actions
from domain.care_action import CareAction


@cache
def care_actions_by_type() -> Mapping[str, CareAction]:
    """Find every type of care action there is. A new file in the package is a new type."""
    modules = (
        importlib.import_module(f"{care_actions.__name__}.{info.name}")
        for info in pkgutil.iter_modules(care_actions.__path__)
    )
    actions = (module.ACTION for module in modules)
    return MappingProxyType({action.type: action for action in actions})


@cache
def care_actions_by_paper_word() -> Mapping[str, CareAction]:
    """Find the care action that a word of the 类型 column stands for."""
    return MappingProxyType(
        {word: action for action in care_actions_by_type().values() for word in action.paper}
    )
