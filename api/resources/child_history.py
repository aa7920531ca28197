"""What was recorded of a child, entry by entry."""

from uuid import UUID

from api import formats
from api.answer import ChildId
from api.histories import HISTORY_PARAMS, Entry, HistoryPage, answer_history
from api.resource import Call
from api.resources.children import RESOURCE


class History(HistoryPage, kw_only=True):
    """A page of the history of a child, in order of time."""

    ORDER = ("child_id",)

    child_id: ChildId


@RESOURCE.operation(
    "GET",
    "/v1/children/{child_id:uuid}/history",
    zh="读取历史",
    en="Read the history of a child",
    answers={200: History},
    also={formats.NDJSON: Entry, formats.CSV: None},
    params=HISTORY_PARAMS,
)
def list_child_history(call: Call, child_id: UUID) -> History | None:
    """Show a page of the history, in order of time. A page after the first knows what the first knew.

    As `application/x-ndjson` or `text/csv` the whole of it comes at once.

    分页读取历史，按时间排列；后面各页与第一页所知相同。以 application/x-ndjson 或 text/csv 一次取全。
    """
    return answer_history(call, call.system.record, child_id, page=History, name={"child_id": child_id})
