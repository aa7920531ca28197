"""The bodies of requests that submit no entry of a stream."""

from marshmallow import fields

from api import fields as f
from api import patterns
from api.schemas import Strict, exactly_one
from application.intake.submission import LONGEST_NAME

MOST_ITEMS = 500


class BatchIn(Strict):
    """Care actions of any children. Each stands or falls alone."""

    items = f.Many(
        fields.Raw(allow_none=True), least=1, most=MOST_ITEMS, required=True, zh="条目", en="Items"
    )


class DismissIn(Strict):
    """Why something put aside is not to be recorded."""

    reason = f.Text(longest=1000, blank=False, required=True, zh="原因", en="Reason")


class OccurredIn(Strict):
    """When something happened, when it was written down, and by whom."""

    CONDITIONS = (exactly_one("occurred_on", "occurred_at"),)

    occurred_on = f.Day(
        text="A Shanghai day; or give occurred_at.", zh="日期", en="Day", pattern=patterns.DAY_OF_CARE
    )
    occurred_at = f.Moment(
        text="A moment with its offset; or give occurred_on.",
        zh="时间",
        en="Moment",
        pattern=patterns.MOMENT_OF_CARE,
    )
    written_on = f.Day(text="The day it was put on paper.", zh="书面登记日期", en="Written on")
    recorded_by = f.Text(longest=LONGEST_NAME, zh="登记人", en="Recorded by")


class ActivityIn(OccurredIn):
    """What every activity says beside what was held and who was there."""

    org = f.Path(required=True, zh="机构", en="Organisation")


class ChangeIn(Strict):
    """Who changes an activity; by default the holder of the key."""

    recorded_by = f.Text(longest=LONGEST_NAME, zh="登记人", en="Recorded by")
