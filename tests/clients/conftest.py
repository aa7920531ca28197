"""The school that the clients call, one for all of a worker."""

from collections.abc import Iterator

import pytest

from tests.clients.office import Office, office


@pytest.fixture(scope="package")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Serve a school."""
    with office(tmp_path_factory.mktemp("school")) as made:
        yield made
