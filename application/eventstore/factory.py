"""How the library's own application finds the recorders: for its conformance tests, and for trials.

CareLedger itself builds a recorder from a database and a clock, without any of this.
"""

from typing import ClassVar

from eventsourcing.persistence import InfrastructureFactory
from eventsourcing.utils import Environment, EnvType, resolve_topic, strtobool

from application.eventstore.base import CareRecorder, StreamRecorder
from application.eventstore.engines import open_database
from application.eventstore.migrations.migrate import migrate
from application.eventstore.migrations.tables import library_tables, stream_table


class CareFactory(InfrastructureFactory[CareRecorder]):
    """Reads STORE_URL, and CREATE_TABLE (default yes), in the way of the library."""

    STORE_URL = "STORE_URL"
    CREATE_TABLE = "CREATE_TABLE"
    recorder_class: ClassVar[type[CareRecorder]]

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        url = self.env.get(self.STORE_URL)
        if not url:
            raise OSError(f"the environment names no {self.STORE_URL}")
        self.db = open_database(url)

    def aggregate_recorder(self, purpose: str = "events") -> StreamRecorder:
        """A recorder of streams without a common order."""
        table = f"stored_{purpose}"
        self._create([stream_table(table)])
        return StreamRecorder(db=self.db, table=table)

    def application_recorder(self) -> CareRecorder:
        """The recorder of the events."""
        return self._recorder(self._named(self.APPLICATION_RECORDER_TOPIC))

    def tracking_recorder(self, tracking_recorder_class: type[CareRecorder] | None = None) -> CareRecorder:
        """The recorder of how far followers have come."""
        return self._recorder(tracking_recorder_class or self._named(self.TRACKING_RECORDER_TOPIC))

    def process_recorder(self) -> CareRecorder:
        """The recorder of events together with how far they have followed others."""
        return self._recorder(self._named(self.PROCESS_RECORDER_TOPIC))

    def close(self) -> None:
        """Close the database."""
        self.db.close()

    def _named(self, key: str) -> type[CareRecorder]:
        topic = self.env.get(key)
        named: type[CareRecorder] = resolve_topic(topic) if topic else self.recorder_class
        return named

    def _recorder(self, recorder_class: type[CareRecorder]) -> CareRecorder:
        self._create(library_tables())
        return recorder_class(db=self.db)

    def _create(self, ddl: list[str]) -> None:
        if strtobool(self.env.get(self.CREATE_TABLE) or "yes"):
            migrate(self.db, ddl=ddl)
