"""A stored event changed behind the program's back, as only the owner of the tables can."""

from application.eventstore.database import Database


def lift_the_guard(database: Database) -> None:
    """Take away what keeps events from being changed, for good."""
    with database.transaction() as tx:
        if database.dialect == "sqlite":
            tx.run("DROP TRIGGER IF EXISTS events_are_not_changed")
        else:
            tx.run("ALTER TABLE events DISABLE TRIGGER events_are_kept")


def tamper(database: Database, position: int) -> bytes:
    """Flip the last bit of the event at a position, and give the bytes that were there."""
    lift_the_guard(database)
    ((state,),) = database.tuples("SELECT state FROM events WHERE notification_id = :at", at=position)
    put_back(database, position, bytes(state[:-1]) + bytes([state[-1] ^ 1]))
    return bytes(state)


def put_back(database: Database, position: int, state: bytes) -> None:
    """Write the bytes of an event."""
    with database.transaction() as tx:
        tx.run("UPDATE events SET state = :state WHERE notification_id = :at", state=state, at=position)


def rename_type(database: Database, position: int, topic: str) -> None:
    """Give an event another type."""
    lift_the_guard(database)
    with database.transaction() as tx:
        tx.run("UPDATE events SET topic = :topic WHERE notification_id = :at", topic=topic, at=position)
