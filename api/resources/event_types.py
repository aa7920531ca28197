"""Which types of care action there are, and what each says."""

from typing import Annotated

from msgspec import UNSET, UnsetType

from api.answer import Answer, Label, shown
from api.resource import Call, Resource
from domain.catalogue import submitted_types
from domain.fields import Choice, Field, fields_of
from domain.ledger.event_type import EventType as Declared

RESOURCE = Resource(
    tag="event-types", zh="类型目录", en="The types of care action and their fields.", public=True
)
LabelOf = Annotated[Label, shown("名称", "Label")]


class EventTypeWord(Answer):
    """A word of a closed list."""

    word: Annotated[str, shown("用词", "Word", "As it is sent.")]
    zh: Annotated[str, shown("中文", "In Chinese")]
    en: Annotated[str, shown("英文", "In English")]


class EventTypeField(Answer):
    """A field of the details of a type."""

    name: Annotated[str, shown("字段", "Name")]
    label: LabelOf
    required: Annotated[bool, shown("必填", "Required")]
    many: Annotated[bool, shown("可多个", "Many", "A list of them.")]
    personal: Annotated[bool, shown("个人信息", "Personal", "Sealed under the key of the file.")]
    words: Annotated[list[EventTypeWord] | UnsetType, shown("可用的词", "Words")] = UNSET


class EventType(Answer):
    """A type of event that may be submitted."""

    type: Annotated[str, shown("类型", "Type")]
    label: LabelOf
    decision: Annotated[bool, shown("须写明版本", "Decision", "It names the version it is based on.")]
    record: Annotated[str | None, shown("记录字段", "Record", "The field that holds its record, if any.")]
    schema: Annotated[str, shown("格式", "Schema", "Where the document describes its details.")]
    fields: Annotated[list[EventTypeField], shown("字段", "Fields")]


class EventTypeList(Answer):
    """All types of events."""

    items: Annotated[list[EventType], shown("条目", "Items")]


@RESOURCE.operation(
    "GET", "/v1/event-types", zh="列出类型", en="List the types of care action", answers={200: EventTypeList}
)
def list_event_types(_call: Call) -> EventTypeList:
    """List every type with its labels and its fields.

    列出全部类型及其名称和字段。
    """
    return EventTypeList(items=[_shown(each) for _, each in sorted(submitted_types().items())])


def _shown(action: Declared) -> EventType:
    return EventType.of(
        action,
        label=Label.of(action.label),
        schema=f"#/components/schemas/{action.details.__name__}",
        fields=[_field(field) for field in fields_of(action.details)],
    )


def _field(field: Field) -> EventTypeField:
    words = field.base if isinstance(field.base, type) and issubclass(field.base, Choice) else ()
    return EventTypeField.of(
        field,
        label=Label.of(field.spec.label),
        personal=field.spec.personal,
        words=[EventTypeWord(word=m.value, zh=m.zh, en=m.en) for m in words] or UNSET,
    )
