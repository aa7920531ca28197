"""What the document promises of problems, for every test that gets one: the code stands under its status."""

import re
from functools import cache
from typing import Any

from api.document import whole_document

# Answered by the framework before any operation is known.
UNDOCUMENTED = {(404, "not_found"), (405, "method_not_allowed"), (400, "bad_request")}


def undocumented(method: str, path: str, problem: dict[str, Any]) -> str | None:
    """Say what is wrong with a problem, if anything: its code is not one of the operation's."""
    status, code = problem["status"], problem["code"]
    for pattern, operations in _operations():
        if pattern.fullmatch(path) and method.lower() in operations:
            promised = operations[method.lower()]["responses"].get(str(status), {}).get("x-problem-codes", ())
            if code not in promised:
                return f"{method} {pattern.pattern}: {status} {code} is not documented"
            return None
    return None if (status, code) in UNDOCUMENTED else f"{method} {path}: {status} {code} of no operation"


@cache
def _operations() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    paths = whole_document()["paths"]
    # What has no parameter comes first: /v1/children/search is no child.
    return [
        (re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), operations)
        for path, operations in sorted(paths.items(), key=lambda item: "{" in item[0])
    ]
