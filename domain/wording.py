"""An entry in one line, for people: its label and the fields that are filled in, Chinese and English."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from domain.fields import Choice, fields_of, may_say_none
from domain.refusal import Text

Language = Literal["zh", "en"]
Names = Mapping[UUID, str]
# What a value is called: a str for both languages, else a `Text` or a `Choice`, which has one in each.
Shown = Any
# Of each field of an entry what stands before its value in Chinese and in English, and that value.
Said = list[tuple[str, str, Shown]]
# An empty value of these types says nothing; no and 0 do.
_SILENT = frozenset({type(None), str, tuple})
_NONE = Text(zh="无", en="none")
_YES, _NO = Text(zh="是", en="yes"), Text(zh="否", en="no")


def line_of(label: Text, details: object, names: Names) -> Text:
    """Return an entry in one line. `names` are those of carers by id; others are shown by their id."""
    said = _said(details, names)
    return Text(zh=_in_chinese(label, said), en=_in_english(label, said))


def line_in(language: Language, label: Text, details: object, names: Names) -> str:
    """Return the line of an entry in one language alone."""
    said = _said(details, names)
    return _in_chinese(label, said) if language == "zh" else _in_english(label, said)


def _in_chinese(label: Text, said: Said) -> str:
    fields = [zh + (shown if type(shown) is str else shown.zh) for zh, _, shown in said]
    return f"{label.zh}：{'；'.join(fields)}"


def _in_english(label: Text, said: Said) -> str:
    fields = [en + (shown if type(shown) is str else shown.en) for _, en, shown in said]
    return f"{label.en}: {'; '.join(fields)}"


def _said(details: object, names: Names) -> Said:
    return [
        (zh, en, value if type(value) is str or isinstance(value, Choice) else _shown(value, names))
        for name, zh, en in _LABELS[type(details)]
        if (value := getattr(details, name)) or type(value) not in _SILENT or _says_none(details, name, value)
    ]


def _says_none(details: object, name: str, value: object) -> bool:
    kind: Any = type(details)
    return value == () and name in may_say_none(kind)


def _shown(value: object, names: Names) -> Shown:
    return _SHOWERS[type(value)](value, names)


class _Labels(dict[type, tuple[tuple[str, str, str], ...]]):
    """The fields of each type of details, with what is written before their values."""

    def __missing__(self, details: type) -> tuple[tuple[str, str, str], ...]:
        labels = [(field.name, field.spec.label) for field in fields_of(details)]
        self[details] = made = tuple((name, f"{label.zh}：", f"{label.en}: ") for name, label in labels)
        return made


class _Showers(dict[type, Callable[[Any, Names], Shown]]):
    """What shows the values of each type; looked up once for each."""

    def __missing__(self, kind: type) -> Callable[[Any, Names], Shown]:
        fitting = (shower for base, shower in _BY_BASE if issubclass(kind, base))
        of_others = _of_fields if hasattr(kind, "__dataclass_fields__") else _as_text
        self[kind] = found = next(fitting, of_others)
        return found


_LABELS, _SHOWERS = _Labels(), _Showers()


def _as_text(value: object, _names: Names) -> str:
    return str(value)


def _many(values: tuple[Any, ...], names: Names) -> Shown:
    if not values:
        return _NONE
    if values and issubclass(type(values[0]), Choice):
        return _choices(values)
    return _SHOWERS[type(values[0])](values[0], names) if len(values) == 1 else _joined(values, names, "、")


@lru_cache(maxsize=4096)
def _choices(values: tuple[Choice, ...]) -> Shown:
    return values[0] if len(values) == 1 else _joined(values, {}, "、")


def _joined(values: Iterable[object], names: Names, in_zh: str, in_en: str = ", ") -> Text:
    shown = [_SHOWERS[type(value)](value, names) for value in values]
    return Text(
        zh=in_zh.join([each if type(each) is str else each.zh for each in shown]),
        en=in_en.join([each if type(each) is str else each.en for each in shown]),
    )


def _mapping(values: Mapping[str, object], names: Names) -> Text:
    each = [(key, _joined((value,), names, "")) for key, value in values.items()]
    return Text(
        zh=", ".join(f"{key}={shown.zh}" for key, shown in each),
        en=", ".join(f"{key}={shown.en}" for key, shown in each),
    )


def _of_fields(value: object, names: Names) -> Text:
    said = [getattr(value, name) for name, _, _ in _LABELS[type(value)]]
    return _joined([each for each in said if each or type(each) not in _SILENT], names, " ", " ")


_BY_BASE: tuple[tuple[type, Callable[[Any, Names], Shown]], ...] = (
    (Choice, lambda value, _names: value),
    (bool, lambda value, _names: _YES if value else _NO),
    (UUID, lambda value, names: names.get(value) or str(value)),
    (tuple, _many),
    (Mapping, _mapping),
)
