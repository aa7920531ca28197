"""Whatever an operation answers of an organisation or a parameter, the document has told of.

Each operation is sent its own example with one thing wrong. That the code of each problem is promised is held
by the caller itself; here everything is asked that could be answered by one.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.document import whole_document
from tests.api.story import Examples, told
from tests.api.support import CLASS, SCHOOL, ApiWorld, api_world
from tests.api.test_tenants import OPERATIONS

NOWHERE = "county/nowhere"
UNTIDY = "county//nowhere"
_DOCUMENT = whole_document()
_ID = "00000000-0000-4000-8000-000000000001"


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ApiWorld, Examples]]:
    folder: Path = tmp_path_factory.mktemp("promised")
    urls = {name: f"sqlite:///{folder}/{name}.db" for name in ("database_url", "keys_url")}
    with api_world(folder, **urls) as world:
        yield world, told(world)


@pytest.mark.parametrize("operation", OPERATIONS, ids=" ".join)
def test_no_fault_is_answered_that_is_not_promised(
    school: tuple[ApiWorld, Examples], operation: tuple[str, str]
) -> None:
    world, examples = school
    method, template = operation
    path = template.replace("{number}", "1")
    while "{" in path:
        path = path[: path.index("{")] + _ID + path[path.index("}") + 1 :]
    body = examples.get(f"{method} {template}", {"requests": {}})["requests"].get("application/json")
    # The caller refuses whatever is not promised.
    for params in _params(method, template):
        for sent in _bodies(body):
            raw = b"" if sent is None else json.dumps(sent).encode()
            answered = world.caller.send(method, path, body=raw, params=params, headers={"If-Match": '"1"'})
            assert answered.status_code < 500, answered.text


def _params(method: str, template: str) -> Iterator[dict[str, Any]]:
    """Return the query asked for, the same without any one of it, and with unknown organisations."""
    described = _DOCUMENT["paths"][template][method.lower()].get("parameters", [])
    asked = {p["name"] for p in described if p.get("in") == "query"}
    good = {
        name: word
        for name, word in (("org", SCHOOL), ("rule", "C39"), ("period", "2026-06"))
        if name in asked
    }
    yield good
    for name in good:
        yield {kept: word for kept, word in good.items() if kept != name}
        yield good | {name: "nobody's"}
    if "org" in asked:
        yield from (good | {"org": org} for org in (NOWHERE, UNTIDY))


def _bodies(body: Any) -> Iterator[Any]:
    """Return a body as it is, with organisations that are not there, and without any one of its fields."""
    yield body
    if not isinstance(body, dict):
        return
    text = json.dumps(body, ensure_ascii=False)
    for org in (NOWHERE, UNTIDY):
        if SCHOOL in text:
            yield json.loads(text.replace(CLASS, org).replace(SCHOOL, org))
    for name in body:
        yield {kept: word for kept, word in body.items() if kept != name}
