"""Which codes the problems of an operation can carry: those it declares, and what follows from the rest."""

from collections.abc import Iterator, Mapping

from api.error_catalogue import remedies
from api.operation import AS_KNOWN_AT, CARE, CURSOR, IF_MATCH, ORG, Operation
from application.basis import Needed
from domain.refusal import reasons_of

_FIELDS = [
    "missing",
    "unknown_field",
    "wrong_value",
    "blank",
    "control_character",
    "too_long",
    "too_small",
    "too_large",
    "too_many",
    "too_few",
    "implausible_year",
]
_BODY = [
    "not_json",
    "not_an_object",
    "duplicate_key",
    "body_too_deep",
    "body_cut_short",
    "request_too_late",
    "body_too_large",
    "wrong_media_type",
    "wrong_encoding",
    "body_inflates",
]
_FILE = [
    "body_cut_short",
    "request_too_late",
    "body_too_large",
    "wrong_media_type",
    "wrong_encoding",
    "body_inflates",
]
_KEYED = [
    "no_key",
    "bad_key",
    "bad_channel",
    "not_allowed",
    "not_found",
    "unknown_field",
    "too_many_requests",
    "keys_missing",
]
_HEADERS = ("bad_if_match", "bad_if_none_match", "bad_idempotency_key")
_ANY = ["unavailable", "keys_empty", "keys_of_another_ledger", "internal", "bad_request"]


def codes_of(method: str, template: str, described: Operation, *, public: bool) -> Mapping[int, list[str]]:
    """Return the codes of an operation by status, in the order of the catalogue."""
    codes = {*_ANY, *_of_what_it_takes(described), *described.codes, *(() if public else _KEYED)}
    codes |= {reason.code for use_case in described.uses for reason in reasons_of(use_case)}
    if "{" in template:
        codes.add("not_found")
    if method != "GET" and not public:
        codes |= {"type_not_yet_known", *_HEADERS, "stale" if described.conditional else "no_version"}
    by_status: dict[int, list[str]] = {}
    for code, remedy in remedies().items():
        if code in codes or (CARE in codes and remedy.group == "care"):
            for status in remedy.statuses:
                by_status.setdefault(status, []).append(code)
    return by_status


def _of_the_body(described: Operation) -> Iterator[str]:
    if described.request is not None:
        yield from (*_BODY, *_FIELDS)
    if described.takes_file:
        yield from _FILE


def _of_what_it_takes(described: Operation) -> Iterator[str]:
    yield from _of_the_body(described)
    if described.params:
        yield from ("wrong_value", "too_long", "implausible_year")
    if any(param.required and param.place == "query" for param in described.params):
        yield "missing"
    if any(param.place == "query" for param in described.params):
        yield "given_twice"
    if AS_KNOWN_AT in described.params:
        yield "nothing_known"
    if CURSOR in described.params:
        yield "bad_cursor"
    if IF_MATCH in described.params or described.needed is not Needed.NOWHERE:
        yield "version_required"
    if any(param.name == ORG.name for param in described.params):
        yield from ("bad_org_path", "unknown_org")
    if described.also:
        yield "not_acceptable"
        if CURSOR in described.params:
            yield "whole_answer"
