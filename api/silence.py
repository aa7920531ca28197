"""How long nobody has reached a child, how long nobody has seen it, and the entry that each counts from."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from api.answer import Answer, EventId, Exactness, shown
from domain.card import Card
from domain.care_views import Anchor, Contact
from domain.child import Child


class LastContact(Answer):
    """The last time that somebody reached the child's world, or saw the child itself."""

    event_id: EventId
    type: Annotated[str, shown("类型", "Type")]
    occurred_on: Annotated[date, shown("日期", "Day")]
    precision: Exactness


class RestsOn(Answer):
    """The entry that a number of days counts from: of a contact or a sighting, else the beginning of care."""

    event_id: Annotated[UUID, shown("事件编号", "Id of the event")]
    type: Annotated[str, shown("类型", "Type")]
    day: Annotated[date, shown("日期", "Day")]


DaysUnseen = Annotated[
    int | None,
    shown(
        "未见面天数",
        "Days unseen",
        "Since somebody of the carers' side met the child at a visit or talked with it face to face; if "
        "nobody ever did, since care began. Null where it is not in care.",
    ),
]
SilenceRestsOn = Annotated[
    RestsOn | None, shown("未联系起算", "Silence rests on", "What `days_silent` counts from.")
]
UnseenRestsOn = Annotated[
    RestsOn | None, shown("未见面起算", "Unseen rests on", "What `days_child_unseen` counts from.")
]


def silences(child: Card | Child, day: date) -> dict[str, Any]:
    """Return the fields of an answer about both silences of a child at the end of a day."""
    in_care = child.in_care(day)
    return {
        "days_silent": child.days_silent(day),
        "silence_rests_on": rests_on(child.anchor) if in_care else None,
        "days_child_unseen": child.days_child_unseen(day),
        "unseen_rests_on": rests_on(child.unseen_anchor) if in_care else None,
    }


def last_contact(contact: Contact | None) -> LastContact | None:
    """Return what an answer says of the last contact or sighting; None where there is none."""
    return None if contact is None else LastContact.of(contact, occurred_on=contact.day)


def rests_on(anchor: Anchor | None) -> RestsOn | None:
    """Return what a number of days counts from."""
    return None if anchor is None else RestsOn.of(anchor)
