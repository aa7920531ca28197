"""The test cases that the library ships for every recorder, over ours.

Left out is the case that events of two saves never interleave: it tests a side effect of the library's
table lock.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from eventsourcing.persistence import AggregateRecorder, InfrastructureFactory
from eventsourcing.tests.application import ApplicationTestCase, ExampleApplicationTestCase
from eventsourcing.tests.persistence import (
    AggregateRecorderTestCase,
    ApplicationRecorderTestCase,
    InfrastructureFactoryTestCase,
    ProcessRecorderTestCase,
    TrackingRecorderTestCase,
)
from eventsourcing.utils import Environment

from application.eventstore.base import CareRecorder, StreamRecorder
from application.eventstore.factory import CareFactory
from application.eventstore.postgres import PostgresFactory, PostgresRecorder
from application.eventstore.sqlite import SQLiteFactory, SQLiteRecorder


class OnSQLite:
    module = "application.eventstore.sqlite"
    factory_class: type[CareFactory] = SQLiteFactory
    recorder_class: type[CareRecorder] = SQLiteRecorder

    @pytest.fixture(autouse=True)
    def _store(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.env = _settings(monkeypatch, module=self.module, url=f"sqlite:///{tmp_path}/care.db")


class OnPostgres:
    module = "application.eventstore.postgres"
    factory_class: type[CareFactory] = PostgresFactory
    recorder_class: type[CareRecorder] = PostgresRecorder

    @pytest.fixture(autouse=True)
    def _store(self, postgres_db_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.env = _settings(monkeypatch, module=self.module, url=postgres_db_url)


class Built:
    env: Environment

    @pytest.fixture(autouse=True)
    def _factory(self, _store: None) -> Iterator[None]:
        factory = InfrastructureFactory.construct(self.env)
        assert isinstance(factory, CareFactory)
        self.factory = factory
        yield
        factory.close()


class AggregateRecorderCases(Built):
    def create_recorder(self) -> AggregateRecorder:
        return self.factory.aggregate_recorder("snapshots")


class ApplicationRecorderCases(Built):
    def create_recorder(self) -> CareRecorder:
        return self.factory.application_recorder()

    def test_subscription(self) -> None:
        self.optional_test_insert_subscribe()  # type: ignore[attr-defined]


class TrackingRecorderCases(Built):
    def create_recorder(self) -> CareRecorder:
        return self.factory.tracking_recorder()


class ProcessRecorderCases(Built):
    def create_recorder(self) -> CareRecorder:
        return self.factory.process_recorder()


class FactoryCases:
    factory_class: type[CareFactory]
    recorder_class: type[CareRecorder]

    def expected_factory_class(self) -> type[CareFactory]:
        return self.factory_class

    def expected_aggregate_recorder_class(self) -> type[AggregateRecorder]:
        return StreamRecorder

    def expected_application_recorder_class(self) -> type[CareRecorder]:
        return self.recorder_class

    def expected_tracking_recorder_class(self) -> type[CareRecorder]:
        return self.recorder_class

    def expected_process_recorder_class(self) -> type[CareRecorder]:
        return self.recorder_class

    def tracking_recorder_subclass(self) -> type[CareRecorder]:
        return FurtherSQLite if self.recorder_class is SQLiteRecorder else FurtherPostgres


class FurtherSQLite(SQLiteRecorder):
    pass


class FurtherPostgres(PostgresRecorder):
    pass


class TestAggregateRecorderOnSQLite(OnSQLite, AggregateRecorderCases, AggregateRecorderTestCase):
    pass


class TestAggregateRecorderOnPostgres(OnPostgres, AggregateRecorderCases, AggregateRecorderTestCase):
    pass


class TestApplicationRecorderOnSQLite(
    OnSQLite, ApplicationRecorderCases, ApplicationRecorderTestCase[CareRecorder]
):
    pass


class TestApplicationRecorderOnPostgres(
    OnPostgres, ApplicationRecorderCases, ApplicationRecorderTestCase[CareRecorder]
):
    pass


class TestTrackingRecorderOnSQLite(OnSQLite, TrackingRecorderCases, TrackingRecorderTestCase):
    pass


class TestTrackingRecorderOnPostgres(OnPostgres, TrackingRecorderCases, TrackingRecorderTestCase):
    pass


class TestProcessRecorderOnSQLite(OnSQLite, ProcessRecorderCases, ProcessRecorderTestCase):
    pass


class TestProcessRecorderOnPostgres(OnPostgres, ProcessRecorderCases, ProcessRecorderTestCase):
    pass


class TestFactoryOnSQLite(OnSQLite, FactoryCases, InfrastructureFactoryTestCase[CareFactory]):
    pass


class TestFactoryOnPostgres(OnPostgres, FactoryCases, InfrastructureFactoryTestCase[CareFactory]):
    pass


@pytest.mark.filterwarnings("default:'log' is deprecated")
class TestApplicationOnSQLite(OnSQLite, ApplicationTestCase):
    pass


@pytest.mark.filterwarnings("default:'log' is deprecated")
class TestApplicationOnPostgres(OnPostgres, ApplicationTestCase):
    pass


class TestExampleApplicationOnSQLite(OnSQLite, ExampleApplicationTestCase):
    expected_factory_topic = "application.eventstore.sqlite:SQLiteFactory"


class TestExampleApplicationOnPostgres(OnPostgres, ExampleApplicationTestCase):
    expected_factory_topic = "application.eventstore.postgres:PostgresFactory"


def _settings(monkeypatch: pytest.MonkeyPatch, *, module: str, url: str) -> Environment:
    settings = {"PERSISTENCE_MODULE": module, "STORE_URL": url}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return Environment(env=settings)


# The bare cases are abstract: they are not collected on their own.
del (
    AggregateRecorderTestCase,
    ApplicationRecorderTestCase,
    ApplicationTestCase,
    ExampleApplicationTestCase,
    InfrastructureFactoryTestCase,
    ProcessRecorderTestCase,
    TrackingRecorderTestCase,
)
