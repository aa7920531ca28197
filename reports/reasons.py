"""What several reports note beside their figures."""

from domain.refusal import Reason

BEHIND = Reason(
    code="timeline_behind",
    zh="最近登记的内容尚未全部列入，请稍后再问",
    en="The latest entries are not all listed yet. Ask again later.",
)
