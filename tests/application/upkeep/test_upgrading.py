"""Upgrades of data: each step once, resumed where it stopped, and no process beside an unfinished one."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from application.eventstore.migrations.migrate import NotMigrated
from application.settings import Settings, read_settings
from application.system import migrate_system, open_system
from application.upkeep import upgrade_steps
from application.upkeep.upgrading import Advance, Store, UpgradeStep, unfinished
from domain.refusal import Text

LABEL = Text(zh="升级", en="Upgrading")
NOTICE = Text(zh="将会不同", en="Something will differ")
CHUNKS = 3


class _Interrupted(Exception):
    pass


class _Recount:
    """A step of three chunks that notes each, and may be interrupted before one of them."""

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.interrupted_before: int | None = None

    def __call__(self, _store: Store, cursor: str | None) -> Iterator[Advance]:
        for chunk in range(int(cursor or 0), CHUNKS):
            if chunk == self.interrupted_before:
                raise _Interrupted
            self.taken.append(chunk)
            yield Advance(cursor=str(chunk + 1), done=chunk + 1, total=CHUNKS)


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    settings = read_settings({"CARELEDGER_DATA_DIR": str(tmp_path), "CARELEDGER_DATABASE_URL": database_url})
    migrate_system(settings)
    return settings


@pytest.fixture
def recount() -> _Recount:
    return _Recount()


def _step(recount: _Recount) -> UpgradeStep:
    return UpgradeStep(name="recount", label=LABEL, run=recount, foresee=lambda _: (NOTICE,))


def test_a_step_runs_once_in_the_life_of_a_store(settings: Settings, recount: _Recount) -> None:
    heard: list[tuple[Text, int, int]] = []

    for _ in range(2):
        assert migrate_system(
            settings, steps=[_step(recount)], progress=lambda *how_far: heard.append(how_far)
        )

    assert recount.taken == [0, 1, 2]
    assert heard == [(LABEL, 1, 3), (LABEL, 2, 3), (LABEL, 3, 3)]
    open_system(settings).close()


def test_an_interrupted_step_goes_on_where_it_was(settings: Settings, recount: _Recount) -> None:
    recount.interrupted_before = 2
    with pytest.raises(_Interrupted):
        migrate_system(settings, steps=[_step(recount)])
    with pytest.raises(NotMigrated, match="recount"):
        open_system(settings)

    recount.interrupted_before = None
    migrate_system(settings, steps=[_step(recount)])

    assert recount.taken == [0, 1, 2]
    open_system(settings).close()


def test_what_people_will_notice_is_shown_first_and_a_no_changes_nothing(
    settings: Settings, recount: _Recount
) -> None:
    shown: list[Text] = []

    assert not migrate_system(
        settings, steps=[_step(recount)], agreed=lambda texts: bool(shown.extend(texts))
    )

    assert shown == [NOTICE]
    assert recount.taken == []
    with pytest.raises(NotMigrated):
        open_system(settings)


def test_a_new_store_goes_through_no_upgrade(
    tmp_path: Path, empty_postgres_url: str, recount: _Recount
) -> None:
    settings = read_settings(
        {"CARELEDGER_DATA_DIR": str(tmp_path), "CARELEDGER_DATABASE_URL": empty_postgres_url}
    )

    migrate_system(settings, steps=[_step(recount)])

    assert recount.taken == []
    open_system(settings).close()


def test_a_store_that_never_saw_a_step_of_this_program_is_not_opened(
    settings: Settings, recount: _Recount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upgrade_steps, "STEPS", (_step(recount),))

    with pytest.raises(NotMigrated, match="recount"):
        open_system(settings)

    migrate_system(settings)
    assert recount.taken == [0, 1, 2]
    with closing(open_system(settings)) as system:
        assert unfinished(system.database, (_step(recount),)) == ()
