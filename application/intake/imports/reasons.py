"""The reasons that more than one module of the imports gives for a line that it refuses."""

from domain.refusal import Reason

NO_COLUMN = Reason(
    code="no_column",
    zh="此处有内容，但表头为空：请给该列写上表头，或删去内容",
    en="There is something under an empty header. Name the column or remove its contents.",
)
NO_HEADER = Reason(code="no_header", zh="文件中没有找到表头", en="No header row was found in the file.")
BAD_DATE = Reason(
    code="bad_date",
    zh="不是有效日期，应写作 2015-04-25 或 2015/04/25",
    en="Not a valid date. Write 2015-04-25 or 2015/04/25.",
)
BAD_TIME = Reason(code="bad_time", zh="不是有效时间，应写作 16:15", en="Not a valid time. Write 16:15.")
BAD_NUMBER = Reason(code="bad_number", zh="不是整数", en="Not a whole number.")
