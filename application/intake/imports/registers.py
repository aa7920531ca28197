"""What an import reads and writes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from application.carers.registry import Carers
from application.children.care_record import CareRecord
from application.eventstore.keyring import Keyring
from application.eventstore.log import EventLog
from application.intake.imports.runs import ImportRuns
from application.organisations.registry import Organisations


@dataclass(frozen=True, slots=True, kw_only=True)
class Registers:
    """Where the lines of a paper go, and where its people are looked up; `keyring` derives their ids."""

    log: EventLog
    record: CareRecord
    carers: Carers
    organisations: Organisations
    keyring: Keyring
    runs: ImportRuns
    now: Callable[[], datetime]
