"""The envelope of an event that somebody with a key or at the terminal causes."""

from uuid import UUID

from application.access import Actor
from domain.event import Details, Event, Metadata, Occurred


def event_by(
    actor: Actor,
    *,
    stream_id: UUID,
    version: int,
    event_id: UUID,
    occurred: Occurred,
    details: Details,
    org: str,
    kind: str | None,
) -> Event:
    """Return the event that becomes `version` of a stream, in the name of its actor.

    `kind` names the kind of the stream; None stands for that of a child.
    """
    return Event(
        originator_id=stream_id,
        originator_version=version,
        event_id=event_id,
        occurred=occurred,
        details=details,
        recorded_by=actor.name,
        org=org,
        metadata=Metadata(
            actor=actor.name,
            role=actor.role.value,
            channel=actor.channel,
            principal=actor.principal,
            key=actor.key,
            kind=kind,
        ),
    )
