"""What the next version takes away from the clients of the last one on purpose, each with its reason.

`tests/api/test_breaking.py` lets these pass and no others, and holds CHANGELOG.md to say each reason.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A change that `tests.api.breaking` finds, as a pattern of all it says of it, and the reason for it."""

    pattern: str
    reason: str


PERSONAL = (
    "name",
    "student_no",
    "proposed_by",
    "recorded_by",
    "actor",
    "details",
    "as_recorded",
    "text",
    "parents",
)
WANTED = (
    Wanted(
        pattern=r".*: the operationId has changed",
        reason="Every operation has a name made by hand, such as `get_carer`, which stays from now on.",
    ),
    Wanted(
        pattern=r".* 2\d\d\S*: any word may be told now",
        reason="Words in answers are open: one that is not listed yet may come at any time.",
    ),
    Wanted(
        pattern=rf".* 2\d\d\S*/({'|'.join(PERSONAL)}): it may be null now",
        reason="A field about a person may be null, and `withheld` then names it.",
    ),
    Wanted(
        pattern=r"GET /v1/timeline 200/items/\*/child_id: it may be null now",
        reason="An entry may belong to a stream that is no child's: its `child_id` is null then.",
    ),
    Wanted(
        pattern=r".* 200(/items/\*)?/child_id: it may be null now",
        reason="An alert and its notices may be about no child: their `child_id` is null then.",
    ),
    Wanted(
        pattern=r"GET /v1/children/\S+ 200/left_behind/left_behind: it may be null now",
        reason="`left_behind` may be null, where nobody knows.",
    ),
    Wanted(
        pattern=r".* header If-Match: (the|a new) parameter must be given( now)?",
        reason="A decision needs `If-Match`: dismissing an item of quarantine or a participant, and "
        "replacing a carer, too; else 428.",
    ),
    Wanted(
        pattern=r"GET /openapi.json: a new answer 304 means success",
        reason="`GET /openapi.json` has an ETag, and answers 304 where `If-None-Match` names it.",
    ),
    Wanted(
        pattern=r"GET /v1/changes 200(/items)?/\*/time: it may be null now",
        reason="The `time` of an event that can't be read may be null.",
    ),
    Wanted(
        pattern=r"GET \S+ query (acknowledged|in_care|late|open|paired): the type has changed",
        reason="A parameter that is true or false is a boolean in the document; on the wire it is as it was.",
    ),
    Wanted(
        pattern=r"PUT \S+ body/\S*fields: fields that are not named are refused now",
        reason="The fields of a correction are described by the type of what is corrected.",
    ),
    Wanted(
        pattern=r"\S+ \S+ (body|query|header|path)\b.*: (pattern|minLength) has changed",
        reason="The document says of texts, days, moments and paths what was refused all along.",
    ),
    Wanted(
        pattern=r"(POST|PUT) \S+ body\S*: more conditions must hold now",
        reason="It says as well which fields go together, and that changes of activities name a version.",
    ),
    Wanted(
        pattern=r"PUT /v1/activities/\S+ header If-Match: the parameter must be given now",
        reason="It says as well which fields go together, and that changes of activities name a version.",
    ),
    Wanted(
        pattern=r"GET \S+ query type: only some words are allowed now",
        reason="A `type` to ask for is one of a list in the document; others were refused before.",
    ),
    Wanted(
        pattern=r"PUT /v1/event-batches/\S+ body: format has changed",
        reason="The lines of an upload are described as bytes, so that generated clients can send them.",
    ),
    Wanted(
        pattern=r"POST /v1/quarantine/\S+ 20\d/child_id: the field may be missing now",
        reason="An item tried again may be of a stream that is no child's: then `stream_id` names it.",
    ),
    Wanted(
        pattern=r"GET \S*/history 200\S*/(label|text)/(zh|en): the field may be missing now",
        reason="The texts of a history come in the language that `lang` chooses, in both without it.",
    ),
)
