"""The bodies of requests that submit no entry of a stream."""

from marshmallow import fields

from api import fields as f
from api.schemas import LONGEST_PATH, Strict
from application.children.clashes import Verdict
from application.intake.submission import LONGEST_NAME
from projections.outbox.receipts import Receipt

MOST_ITEMS = 500


class BatchIn(Strict):
    """Care actions of any children. Each stands or falls alone."""

    items = f.Many(fields.Raw(allow_none=True), least=1, most=MOST_ITEMS, required=True)


class SearchIn(Strict):
    """Exactly one of these; a name is the whole name."""

    student_no = f.Text(longest=32, blank=False)
    id_number = f.Text(longest=18, blank=False)
    name = f.Text(longest=50, blank=False)


class AcknowledgeIn(Strict):
    """Who takes an alert on; by default the holder of the key."""

    by = f.Text(longest=LONGEST_NAME)
    note = f.Text(longest=1000)


class SnoozeIn(Strict):
    """Until when notices are held back, and who allowed it."""

    until = f.Day(required=True)
    reason = f.Text(longest=1000, blank=False, required=True)
    approved_by = f.Text(longest=LONGEST_NAME, blank=False, required=True)


class ReceiptIn(Strict):
    """What has become of a notice on the other side, and since when; now unless said otherwise."""

    state = f.Word(choice=Receipt, required=True)
    at = f.Moment()


class SettleIn(Strict):
    """What several files with one number turned out to be."""

    verdict = f.Word(choice=Verdict, required=True)


class DismissIn(Strict):
    """Why something put aside is not to be recorded."""

    reason = f.Text(longest=1000, blank=False, required=True)


class BindingIn(Strict):
    """A rule by its id, in its newest version unless one is named, or a whole rule of one's own."""

    org = f.Text(longest=LONGEST_PATH, blank=False, required=True)
    rule_id = f.Text(longest=40, blank=False)
    version = f.Whole(least=1, most=1_000_000)
    rule = f.Open()
    effective_from = f.Day(required=True)
    effective_to = f.Day()


class WatchIn(Strict):
    """Whether all children at and below an organisation are watched."""

    org = f.Text(longest=LONGEST_PATH, blank=False, required=True)
    everybody = f.Flag(required=True)
    reason = f.Text(longest=200)


class ActivityIn(Strict):
    """What every activity says beside what was held and who was there."""

    org = f.Text(longest=LONGEST_PATH, blank=False, required=True)
    occurred_on = f.Day(metadata={"description": "A Shanghai day; or give occurred_at."})
    occurred_at = f.Moment(metadata={"description": "A moment with its offset; or give occurred_on."})
    written_on = f.Day(metadata={"description": "The day it was put on paper."})
    recorded_by = f.Text(longest=LONGEST_NAME)


class ChangeIn(Strict):
    """Who changes an activity; by default the holder of the key."""

    recorded_by = f.Text(longest=LONGEST_NAME)
