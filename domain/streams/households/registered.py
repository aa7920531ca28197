"""Household registered 家庭: the children who live under one roof, and what holds for all of them."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.event import Details
from domain.fields import Choice, described
from domain.ledger.event_type import EventType
from domain.refusal import Text


class Hardship(Choice):
    """A scheme or list on which the whole household stands."""

    NONE = "none", "无", "none"
    SUBSISTENCE = "subsistence", "低保户", "subsistence allowance"
    MONITORED = "monitored", "防返贫监测户", "watched for poverty"
    EXTREME = "extreme", "特困户", "extreme poverty"


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdRegistered(Details):
    """Where it is, who reads and which dialect is spoken there, and which children live in it."""

    TYPE: ClassVar[str] = "household_registered"

    head: str | None = described("户主", "Head", personal=True, max_length=50, default=None)
    address: str | None = described("住址", "Address", personal=True, max_length=200, default=None)
    language: str | None = described("语言", "Language", personal=True, max_length=40, default=None)
    someone_reads: bool | None = described("有人识字", "Somebody reads", personal=True, default=None)
    hardship: Hardship | None = described("困难类型", "Hardship", personal=True, default=None)
    children: tuple[UUID, ...] = described("儿童", "Children", max_length=20, default=())


EVENT_TYPE = EventType(details=HouseholdRegistered, label=Text(zh="家庭登记", en="Household registered"))
