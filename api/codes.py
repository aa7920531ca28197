"""Which codes the problems of an operation can carry: most follow from what it takes, the rest is a table."""

from collections.abc import Iterator, Mapping

from api.error_catalogue import codes_of_kind, remedies
from api.operation import AS_KNOWN_AT, CURSOR, IF_MATCH, ORG, Operation
from domain.catalogue import served_kinds

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
_ACTIVITY = [
    "unknown_carer",
    "child_or_number",
    "reserved_id",
    "event_id_reused",
    "id_in_use",
    "erased",
    "busy",
]
_CHANGED = [*_ACTIVITY, "is_void", "stale", "version_required", "same_approver"]
_ANY = ["unavailable", "keys_empty", "keys_of_another_ledger", "internal", "bad_request"]
_ALL_CARE = "*care"
_ON_STREAMS = [
    _ALL_CARE,
    *["when", "reserved_id", "bad_org_path", "busy", "already_open", "opening_stands", "not_voidable"],
]
_SPECIFIC: Mapping[tuple[str, str], list[str]] = {
    ("PUT", "/v1/children/{child_id:uuid}"): [
        "when",
        "in_the_future",
        "written_before_it_happened",
        "before_birth",
        "of_age",
        "bad_id_number",
        "bad_org_path",
        "reserved_id",
        "already_enrolled",
        "number_taken",
        "event_id_reused",
        "id_in_use",
        "erased",
        "too_many_events",
        "too_many_claims",
        "busy",
    ],
    ("PUT", "/v1/children/{child_id:uuid}/events/{event_id:uuid}"): [
        _ALL_CARE,
        *["when", "reserved_id", "bad_org_path", "busy"],
    ],
    ("PUT", "/v1/event-batches/{batch_id:uuid}"): [
        "batch_of_another",
        "batch_sent_again",
        "wrong_encoding",
        "too_many_uploads",
        "busy",
    ],
    ("GET", "/v1/watch"): ["missing"],
    ("PUT", "/v1/watch"): ["unknown_org", "bad_org_path"],
    ("GET", "/v1/changes"): ["bad_cursor", "log_replaced", "log_unreadable"],
    ("GET", "/v1/children/{child_id:uuid}/compliance"): ["unknown_rule", "bad_period", "not_of_this_rule"],
    ("GET", "/v1/compliance"): [
        "missing",
        "unknown_rule",
        "unknown_org",
        "bad_period",
        "not_of_this_rule",
        "clocks_need_a_rule",
    ],
    ("POST", "/v1/children/search"): ["one_word"],
    ("PUT", "/v1/activities/{activity_id:uuid}"): [
        *_ACTIVITY,
        *[
            "when",
            "in_the_future",
            "written_before_it_happened",
            "bad_org_path",
            "nobody_listed",
            "participant_twice",
            "needs_carers",
            "needs_found",
        ],
    ],
    ("PUT", "/v1/activities/{activity_id:uuid}/amendments/{event_id:uuid}"): [
        *_ACTIVITY,
        *["nobody_listed", "participant_twice", "needs_carers", "needs_found", "is_void", "in_the_future"],
    ],
    ("PUT", "/v1/activities/{activity_id:uuid}/corrections/{event_id:uuid}"): [
        *_CHANGED,
        "nothing_corrected",
        "in_the_future",
    ],
    ("PUT", "/v1/activities/{activity_id:uuid}/voidings/{event_id:uuid}"): _CHANGED,
    ("POST", "/v1/activities/{activity_id:uuid}/participants/{number:int}/dismiss"): [
        "not_quarantined",
        "item_settled",
    ],
    ("PUT", "/v1/carers/{carer_id:uuid}"): [
        "bad_org_path",
        "reserved_id",
        "id_in_use",
        "carer_not_told_apart",
        "capacity_exceeded",
        "erased",
        "busy",
    ],
    ("POST", "/v1/rule-bindings"): [
        *[
            "rule_or_id",
            "unknown_rule",
            "unknown_org",
            "ends_before_it_begins",
            "binding_overlaps",
            "rewrites_the_past",
            "bad_org_path",
            "has_no_carers",
            "has_no_record",
            "has_no_minutes",
            "no_such_filter",
            "unknown_word",
            "unknown_type",
            "not_a_name",
            "not_a_share",
            "bad_period",
            "busy",
        ],
    ],
    ("PUT", "/v1/recipients/{recipient_id:uuid}"): [
        "recipient_elsewhere",
        "no_web_address",
        "address_needs_https",
        "address_inside",
        "no_webhook_secret",
        "webhook_secret_too_short",
        "no_mail_address",
        "channel_reaches_nobody",
        "last_catch_all",
        "unknown_org",
        "bad_org_path",
        "busy",
    ],
    ("DELETE", "/v1/recipients/{recipient_id:uuid}"): ["last_catch_all", "busy"],
    ("PUT", "/v1/deliveries/{delivery_id:uuid}/receipt"): ["receipt_in_the_future"],
    ("POST", "/v1/alerts/{alert_id:uuid}/acknowledge"): ["alert_closed", "busy"],
    ("POST", "/v1/alerts/{alert_id:uuid}/snooze"): [
        "alert_closed",
        "snooze_in_the_past",
        "snooze_too_long",
        "same_approver",
        "busy",
    ],
    ("POST", "/v1/quarantine/{item_id:uuid}/retry"): [_ALL_CARE, "item_settled", "busy"],
    ("POST", "/v1/quarantine/{item_id:uuid}/dismiss"): ["item_settled"],
    ("GET", "/errors/{code}"): ["not_acceptable", "not_found"],
    ("GET", "/docs/{name}"): ["not_found"],
}


def codes_of(method: str, template: str, described: Operation, *, public: bool) -> Mapping[int, list[str]]:
    """Give the codes of an operation by status, in the order of the catalogue."""
    codes = {*_ANY, *_of_what_it_takes(described)}
    codes |= set(() if public else _KEYED) | set(_SPECIFIC.get((method, template), ()))
    if "{" in template:
        codes.add("not_found")
    codes |= set(_of_streams(method, template))
    if method != "GET" and not public:
        codes.add("type_not_yet_known")
    by_status: dict[int, list[str]] = {}
    for code, remedy in remedies().items():
        if code in codes or (_ALL_CARE in codes and remedy.group == "care"):
            for status in remedy.statuses:
                by_status.setdefault(status, []).append(code)
    return by_status


def _of_streams(method: str, template: str) -> Iterator[str]:
    """Go through the codes that follow from the kinds of streams that are served."""
    for kind in served_kinds().values():
        if template.split("/")[2:3] == [kind.plural]:
            yield from (*_ON_STREAMS, *codes_of_kind(kind)) if method == "PUT" else ()
            yield from ["unknown_stream"] if "{" in template else ()
        elif template == "/v1/quarantine/{item_id:uuid}/retry":
            yield from ("unknown_stream", *codes_of_kind(kind))


def _of_what_it_takes(described: Operation) -> Iterator[str]:
    if described.request is not None:
        yield from (*_BODY, *_FIELDS)
    if described.params:
        yield from ("wrong_value", "too_long", "implausible_year")
    if any(param.place == "query" for param in described.params):
        yield "given_twice"
    if AS_KNOWN_AT in described.params:
        yield "nothing_known"
    if CURSOR in described.params:
        yield "bad_cursor"
    if any(param.name == IF_MATCH.name for param in described.params):
        yield from ("bad_if_match", "stale")
    if any(param.name == ORG.name for param in described.params):
        yield from ("bad_org_path", "unknown_org")
    if described.also:
        yield "not_acceptable"
        if CURSOR in described.params:
            yield "whole_answer"
