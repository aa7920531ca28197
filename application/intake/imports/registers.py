"""What an import reads and writes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from application.carers.registry import Carers
from application.children.care_record import CareRecord
from application.eventstore.keyring import Keyring
from application.eventstore.log import EventLog
from application.intake.batches import Batches
from application.intake.imports.answers import PaperAnswers
from application.intake.imports.kept_differences import KeptDifferences
from application.organisations.registry import Organisations
from application.recording.recording import Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Registers:
    """Where the lines of a paper go, and where its people are looked up; `keyring` derives their ids.

    `recordings` are those of each kind of stream, by its name.
    """

    log: EventLog
    record: CareRecord
    carers: Carers
    organisations: Organisations
    keyring: Keyring
    batches: Batches
    answers: PaperAnswers
    kept_differences: KeptDifferences
    recordings: Mapping[str, Recording[Any]]
    now: Callable[[], datetime]
