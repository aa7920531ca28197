"""What records on streams, put together: what each of them asks of others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from application.activities.recording import ActivityRecording
from application.carers.registry import Carers
from application.children.care_record import CareRecord
from application.children.claims import FailedClaims
from application.children.likenesses import Likenesses
from application.children.name_digests import NameDigests
from application.foundation import Foundation
from application.lookups import Lookups
from application.organisations.registry import Organisations
from application.recording.recording import Collaborators, Recording
from domain.catalogue import served_kinds
from domain.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorders:
    """What records on streams, and what recording asks of others."""

    organisations: Organisations
    lookups: Lookups
    carers: Carers
    record: CareRecord
    activities: ActivityRecording
    others: Mapping[str, Recording[Any]]


def recorders(base: Foundation, policy: Policy) -> Recorders:
    """Put them together."""
    organisations = Organisations(log=base.log, database=base.database, now=base.now)
    lookups = Lookups(database=base.database, keyring=base.keyring)
    carers = Carers(log=base.log, database=base.database, lookups=lookups, now=base.now)
    collaborators = Collaborators(
        log=base.log,
        database=base.database,
        lookups=lookups,
        carers=carers,
        organisations=organisations,
        refuse_types=base.processes.refuse,
        now=base.now,
    )
    record = CareRecord(
        collaborators,
        likenesses=Likenesses(database=base.database, keyring=base.keyring, log=base.log),
        name_digests=NameDigests(database=base.database, keyring=base.keyring, log=base.log),
        policy=policy,
        claims=FailedClaims(database=base.database, now=base.now),
    )
    return Recorders(
        organisations=organisations,
        lookups=lookups,
        carers=carers,
        record=record,
        activities=ActivityRecording(collaborators, record=record),
        others={name: Recording(kind, collaborators) for name, kind in served_kinds().items()},
    )
