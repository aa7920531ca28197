"""A client that openapi-python-client makes of the document, against the service as it runs."""

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.clients.office import DOCUMENT, HERE, SCHOOL, Office

PACKAGE = "careledger_client"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Make the client, and let it be imported."""
    folder = tmp_path_factory.mktemp("generated")
    made = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--path", str(DOCUMENT)),
            *("--config", str(HERE / "python_client.yaml"), "--fail-on-warning"),
            *("--meta", "none", "--output-path", str(folder / PACKAGE)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout[:4000] + made.stderr
    assert "WARNING" not in made.stdout, made.stdout[:4000]
    sys.path.insert(0, str(folder))
    yield folder / PACKAGE
    sys.path.remove(str(folder))


@pytest.fixture
def client(generated: Path, school: Office) -> Iterator[Any]:
    service = school.service
    made = module("client").AuthenticatedClient(base_url=service.server.url, token=service.key)
    with made.with_timeout(30) as open_client:
        yield open_client


def module(name: str) -> ModuleType:
    return importlib.import_module(f"{PACKAGE}.{name}")


def model(name: str) -> Any:
    return getattr(module("models"), name)


def test_the_names_of_the_client_are_english_and_its_own(generated: Path) -> None:
    classes = {
        node.name
        for file in (generated / "models").glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    }

    assert [name for name in classes if not name.isascii()] == []
    # A number at the end is what a generator adds to a name that is there already, or that nobody gave.
    assert sorted(name for name in classes if name[-1].isdigit()) == [
        "EntryEnvelopeAsRecordedType0",
        "GetDocumentResponse200",
        "OtherChangeDetailsType0",
        "OtherEntryDetailsType0",
        "QuarantineDetailSubmissionType0",
        "StreamStateType0",
    ]
    assert {"HomeVisitMadeEvent", "VisitOutcome", "GuardianDesignatedDetails", "SentOver"} <= classes


def test_every_operation_can_be_called(generated: Path) -> None:
    files = {file.stem for file in (generated / "api").glob("*/*.py")} - {"__init__"}

    assert {"list_children", "record_event", "record_batch", "list_changes", "list_child_history"} <= files


def test_children_are_listed_to_the_last_page(client: Any, school: Office) -> None:
    listed, cursor = [], module("types").UNSET
    while cursor is not None:
        page = module("api.children.list_children").sync(client=client, org=SCHOOL, limit=2, cursor=cursor)
        listed += page.items
        cursor = page.next_

    assert {str(child.child_id) for child in listed} == set(school.children)
    assert listed[0].name == "林小禾"


def test_a_child_is_read_field_by_field(client: Any, school: Office) -> None:
    child = module("api.children.get_child").sync(UUID(school.children[0]), client=client)

    assert (child.profile.name, child.profile.sex) == ("林小禾", model("Sex").FEMALE)
    assert child.guardian.name == "林奶奶"
    assert [(each.parent, each.away) for each in child.parents] == [(model("Parent").FATHER, True)]


def test_an_event_is_corrected_with_the_etag_that_was_read_and_followed(client: Any, school: Office) -> None:
    record, read = module("api.children.record_event"), module("api.children.get_child")
    child, visited, mended = UUID(school.children[1]), uuid4(), uuid4()
    start = read_to_the_end(client)
    visit = model("HomeVisitMadeEvent")(
        type_="home_visit_made",
        occurred_on=date(2026, 6, 20),
        details=model("HomeVisitMade")(
            carers=[UUID(school.carer)], outcome=model("VisitOutcome").MET, minutes=40, record="Cheerful."
        ),
    )
    made = record.sync_detailed(child, visited, client=client, body=visit)
    correction = model("EventCorrectedEvent")(
        type_="event_corrected",
        occurred_on=date(2026, 6, 21),
        details=model("EventCorrected")(
            target=visited,
            fields=model("CorrectedFields")(details=model("HomeVisitMadeCorrection")(minutes=45)),
            reason="written down wrongly",
            approved_by="the head",
        ),
    )
    etag = read.sync_detailed(child, client=client).headers["ETag"]
    stale = record.sync_detailed(child, mended, client=client, body=correction, if_match='"1"')
    done = record.sync_detailed(child, mended, client=client, body=correction, if_match=etag)

    assert (made.status_code, stale.status_code, done.status_code) == (201, 412, 201)
    assert stale.parsed.code == "stale"
    assert f'"{done.parsed.version}"' == done.headers["ETag"] != etag
    followed = module("api.changes.list_changes").sync(client=client, since=start)
    first, second = followed.items
    assert isinstance(first, model("HomeVisitMadeCloudEvent"))
    assert (first.data.details.minutes, second.data.details.fields["details"]) == (40, {"minutes": 45})
    assert read_to_the_end(client) == followed.next_
    visits = model("SubmittedType").HOME_VISIT_MADE
    history = module("api.children.list_child_history").sync(child, client=client, type_=visits)
    (entry,) = history.items
    assert isinstance(entry, model("HomeVisitMadeEntry"))
    assert (entry.details.minutes, entry.as_recorded["details"]) == (45, {"minutes": 40})


def read_to_the_end(client: Any) -> str:
    """Follow the changes by their cursor, and return the last."""
    cursor: Any = module("types").UNSET
    while True:
        page = module("api.changes.list_changes").sync(client=client, since=cursor, limit=2)
        if not page.items:
            return str(page.next_)
        cursor = page.next_


def test_a_type_that_is_not_listed_yet_is_read_all_the_same(client: Any) -> None:
    page = module("api.changes.list_changes").sync(client=client, limit=1)
    told = page.to_dict()
    told["items"][0]["type"] = "careledger.kite_flown.v1"
    told["items"][0]["data"]["details"] = {"height": 40}

    (event,) = model("CloudEventPage").from_dict(told).items

    assert isinstance(event, model("OtherCloudEvent"))
    assert event.data.details["height"] == 40


def test_lines_are_sent_as_bytes(client: Any, school: Office) -> None:
    item = (
        f'{{"event_id": "{uuid4()}", "child_id": "{school.children[2]}", "type": "call_made", '
        f'"occurred_on": "2026-06-22", "details": {{}}}}\n'
    )
    lines = module("types").File(payload=item.encode())

    summary = module("api.event_batches.record_batch").sync(uuid4(), client=client, body=lines)

    assert (summary.lines, summary.counts.refused) == (1, 1)
