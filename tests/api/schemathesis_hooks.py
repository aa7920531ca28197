"""What schemathesis does not know of itself: how lines are sent, and what is there.

Named in schemathesis.toml. `CARELEDGER_KNOWN` names what `tests.api.full_world` wrote: values that are good,
by place and name. Three of four requests that are meant to be accepted say these in the place of what came by
chance, and keep to what a schema can't say, so that they get past 404 and 422; all of them do, until the
operation has answered well once. What is meant to be refused stays as it is. How each operation answered is
counted in `COUNTS`, and written to the file that `CARELEDGER_COUNTS` names.
"""

import atexit
import base64
import json
import os
import random
import re
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import schemathesis
from hypothesis import strategies as st
from schemathesis import Case, HookContext, Response

from domain.catalogue import served_kinds

COUNTS: Counter[tuple[str, int]] = Counter()
# Why what the document allows was refused all the same.
REFUSED: Counter[tuple[str, str]] = Counter()
KNOWN: dict[str, Any] = {}
WORTH_NAMING = 0.75
KINDS = tuple(kind.plural for kind in served_kinds().values())
VERSIONED = re.compile(rf"/v1/(?:children|activities|quarantine|carers|{'|'.join(KINDS)})/([0-9a-f-]{{36}})")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")
# Opaque, or only good with something else.
LEFT_OUT = frozenset(
    {"cursor", "since", "effective_to", "version", "rule", "undoes_import", "source_event_id"}
)
# Of these one is said, and no more.
EITHER = (
    ("student_no", "child_id"),
    ("occurred_at", "occurred_on"),
    ("name", "id_number", "student_no", "case_no"),
)
# What is made under an id of the client's own: mostly a new one.
MADE = {
    "PUT /v1/children/{child_id}": "child_id",
    "PUT /v1/activities/{activity_id}": "activity_id",
    **{f"PUT /v1/{plural}/{{stream_id}}": "stream_id" for plural in KINDS},
}


# Of the years that a pattern asks for; by chance hardly a day would be one of them.
YEARS_OF_CARE = (2000, 2199)
schemathesis.openapi.format(
    "date", st.dates(date(YEARS_OF_CARE[0], 1, 1), date(YEARS_OF_CARE[1], 12, 31)).map(str)
)
schemathesis.openapi.format(
    "date-time",
    st.datetimes(datetime(YEARS_OF_CARE[0], 1, 1), datetime(YEARS_OF_CARE[1], 12, 31)).map(  # noqa: DTZ001
        lambda moment: moment.isoformat() + "Z"
    ),
)


@schemathesis.serializer("application/x-ndjson")
def lines(_context: Any, value: Any) -> bytes:
    """Send a text of lines as it is; whatever is no text goes as one line of JSON."""
    if isinstance(value, bytes):
        return value
    return (
        value.encode("utf-8", "surrogatepass") if isinstance(value, str) else orjson.dumps(value, default=str)
    )


@schemathesis.hook
def filter_case(_context: HookContext, case: Case) -> bool:
    """Leave out what schemathesis gets wrong: see schemathesis.toml."""
    if case.meta is None or case.meta.phase.data.parameter_location is not None:
        return True
    mutations = getattr(case.meta.phase.data, "mutations", ())
    return not any("Authorization" in (m.parameter, *_names(m.original_value)) for m in mutations)


def _names(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@schemathesis.hook
def before_call(_context: HookContext, case: Case, _kwargs: dict[str, Any]) -> None:
    """Say what is known in the place of what came by chance."""
    if case.meta is None or case.meta.generation.mode.is_negative:
        return
    leave_out_headers_that_are_none(case)
    known = _known()
    if not known:
        return
    # The same case is always changed in the same way, so that what fails is found again.
    chance = random.Random(repr((case.method, case.path, case.path_parameters, case.query, case.body)))
    answered_well = any(COUNTS[case.operation.label, status] for status in (200, 201, 204, 207))
    if chance.random() < WORTH_NAMING or not answered_well:
        _ask_well(case, known, chance)
        _say_well(case, known, chance)


@schemathesis.hook
def after_call(_context: HookContext, case: Case, response: Response) -> None:
    """Count the answer, and remember the version of what it is about."""
    COUNTS[case.operation.label, response.status_code] += 1
    positive = case.meta is not None and not case.meta.generation.mode.is_negative
    if positive and response.status_code in (400, 422, 428):
        REFUSED.update((case.operation.label, each["code"]) for each in response.json()["errors"])
    found = VERSIONED.search(response.request.path_url)
    if found and (tag := response.headers.get("etag")) and found[1] in _known().get("versions", ()):
        KNOWN["versions"][found[1]] = int(tag[0].strip('"'))


def leave_out_headers_that_are_none(case: Case) -> None:
    """Leave out what is taken for a good header and is none.

    The phase of coverage asks for headers of letters and figures alone, whatever else their pattern asks for:
    of one that needs quotes or a star nothing is left but a blank, which is sent as if it were good.
    """
    patterns = {p.name: p.definition.get("schema", {}).get("pattern") for p in case.operation.headers}
    for name, value in list((case.headers or {}).items()):
        pattern = patterns.get(name)
        if pattern is not None and re.search(pattern, str(value)) is None:
            del case.headers[name]


def _known() -> dict[str, Any]:
    if not KNOWN and (path := os.environ.get("CARELEDGER_KNOWN")):
        KNOWN.update(json.loads(Path(path).read_text(encoding="utf-8")))
    return KNOWN


def _ask_well(case: Case, known: dict[str, Any], chance: random.Random) -> None:
    """Ask for what is there, and name the version that it has."""
    for name, value in (case.path_parameters or {}).items():
        own = known["of_path"].get(case.operation.path, {})
        if name in own and (name, case.method) != ("event_id", "PUT"):
            case.path_parameters[name] = own[name]
        elif name in ("event_id", MADE.get(case.operation.label)) and chance.random() < WORTH_NAMING:
            case.path_parameters[name] = str(UUID(int=chance.getrandbits(128), version=4))
        elif name == "stream_id":
            case.path_parameters[name] = known["streams"][case.operation.path.split("/")[2]]
        else:
            case.path_parameters[name] = _good(name, value, known["path"], chance)
        if case.operation.label in known["spent"]:
            # Whose file is deleted has no refused lines any more, and who is merged takes no more entries.
            case.path_parameters[name] = known["spent"][case.operation.label]
    for name, value in list((case.query or {}).items()):
        case.query[name] = _good(name, value, known["query"], chance)
        if name in LEFT_OUT - {"rule"} or (name.startswith("as_") and chance.random() < 0.5):
            del case.query[name]
    # A version of what is only now made, or of what nobody keeps an eye on, is never the right one.
    for name in ("If-Match", "If-None-Match"):
        case.headers.pop(name, None)
    for id_ in (case.path_parameters or {}).values():
        if id_ in known["versions"] and any(p.name == "If-Match" for p in case.operation.headers):
            case.headers["If-Match"] = f'"{known["versions"][id_]}"'


def _say_well(case: Case, known: dict[str, Any], chance: random.Random) -> None:
    """Say of what is there what could have happened."""
    if "sha256" in (case.path_parameters or {}):
        case.path_parameters["sha256"] = known["evidence"]["sha256"]
        if case.method == "PUT":
            case.body = base64.b64decode(known["evidence"]["base64"])
    if case.operation.label in known["files"]:
        asked, text = known["files"][case.operation.label]
        case.query, case.body = asked, text.encode()
    if not isinstance(case.body, dict):
        return
    for name, value in known["needed"].get(case.operation.label, {}).items():
        if not any(case.body.get(other) for other in _in_place_of(name)):
            case.body[name] = value
    case.body = _filled(case.body, known, chance, child=(case.path_parameters or {}).get("child_id"))
    if case.operation.label in MADE:
        # By chance it is one of the few that every operation is tried with, and taken.
        case.body.pop("event_id", None)
    if MADE.get(case.operation.label) == "child_id":
        case.body["details"]["student_no"] = f"N{chance.randrange(10**9)}"


def _in_place_of(name: str) -> set[str]:
    return {name}.union(*(names for names in EITHER if name in names and "child_id" not in names))


def _filled(
    body: dict[str, Any],
    known: dict[str, Any],
    chance: random.Random,
    *,
    child: str | None,
    left_out: frozenset[str] = LEFT_OUT,
) -> dict[str, Any]:
    """Name in a body what is there; what belongs to one child, of that child."""
    dropped = set(left_out)
    for names in EITHER:
        said = [name for name in names if name in body]
        dropped |= set(said[1:]) if len(said) == len(names) else set()
    body = {n: _good(n, value, known["body"], chance) for n, value in body.items() if n not in dropped}
    child = body.get("child_id", child)
    for name, ids in known["of_child"].get(child, {}).items():
        if name in body and ids:
            body[name] = chance.choice(ids)
    for name, value in body.items():
        if isinstance(value, dict) and name != "fields":
            # The version of a text is one of its details.
            own = LEFT_OUT - {"version"} if name == "details" else LEFT_OUT
            body[name] = _filled(value, known, chance, child=child, left_out=own)
        elif isinstance(value, list):
            body[name] = [_filled(x, known, chance, child=child) if isinstance(x, dict) else x for x in value]
    return body


def _good(name: str, value: Any, known: dict[str, Any], chance: random.Random) -> Any:
    """Return a good value in the place of one of its type; what nobody knows loses its control codes."""
    if isinstance(value, list):
        return [_good(name, each, known, chance) for each in value[:4]]
    choices = known.get(name)
    if choices and isinstance(value, type(choices[0])):
        return chance.choice(choices)
    if not isinstance(value, str):
        return value
    return CONTROL.sub("", value).strip() or "字"


@atexit.register
def _write_counts() -> None:
    if path := os.environ.get("CARELEDGER_COUNTS"):
        counted = [[label, status, n] for (label, status), n in sorted(COUNTS.items())]
        Path(path).write_text(json.dumps(counted), encoding="utf-8")
