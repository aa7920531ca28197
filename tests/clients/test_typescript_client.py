"""A client of types that openapi-typescript makes of the document, against the service as it runs."""

import shutil
from pathlib import Path
from uuid import uuid4

import pytest

from tests.clients.office import DOCUMENT, HERE, PACKAGES, SCHOOL, Office, ran, told

STRICT = "node_modules/typescript/bin/tsc"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the types, and lay the program beside them."""
    folder = tmp_path_factory.mktemp("typescript")
    (folder / "node_modules").symlink_to(PACKAGES)
    for name in ("package.json", "tsconfig.json", "follow.ts"):
        shutil.copy(HERE / name, folder)
    ran("node_modules/openapi-typescript/bin/cli.js", str(DOCUMENT), "-o", "schema.ts", cwd=folder)
    return folder


def test_a_program_that_uses_the_types_is_well_typed_and_does_its_work(project: Path, school: Office) -> None:
    child = school.children[2]
    ran(STRICT, "--project", ".", cwd=project)

    said = told(
        ran(
            *("follow.js", school.service.server.url, school.service.key, SCHOOL),
            *(child, school.carer, str(uuid4()), str(uuid4())),
            cwd=project,
        )
    )

    assert set(said.pop("listed")) == set(school.children)
    assert said == {
        "name": "林小禾",
        "made": 201,
        "stale": [412, "stale"],
        "corrected": [201, True],
        "followed": ["careledger.home_visit_made.v1", "careledger.event_corrected.v1"],
        "minutes": [40],
        "history": [45],
    }
