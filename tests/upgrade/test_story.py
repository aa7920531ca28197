"""The story can still be told, so that the next release can make its own store."""

from importlib.metadata import version
from pathlib import Path

import pytest

from domain.catalogue import event_types
from tests.support.world import World
from tests.upgrade import flows
from tests.upgrade.story import ENDS, told


@pytest.mark.slow(seconds=12)
@pytest.mark.timeout(600)
def test_the_story_is_told_by_the_present_version_and_holds_every_type(tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    flows.papers(tmp_path / "papers")
    urls = {
        name: f"sqlite:///{tmp_path}/{file}.db"
        for name, file in (("database_url", "care"), ("keys_url", "keys"))
    }

    tell = told(tmp_path, version=version("careledger"), papers=tmp_path / "papers", **urls)

    assert len(tell.sent) > 200
    with World(tmp_path, start=ENDS, seed=3) as world:
        types = world.database.tuples("SELECT DISTINCT topic FROM events")
    assert {topic for (topic,) in types} == set(event_types())
