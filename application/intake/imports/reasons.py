"""The reasons that more than one module of the imports gives for a line that it refuses."""

from domain.refusal import Reason

NOT_XLSX = Reason(
    code="not_xlsx",
    zh="不是可读取的 XLSX 文件；花名册请在 Excel 中另存为“Excel 工作簿 (*.xlsx)”",
    en="Not a readable XLSX file. Save the roster as an Excel workbook (.xlsx).",
)
NO_COLUMN = Reason(
    code="no_column",
    zh="此处有内容，但表头为空：请给该列写上表头，或删去内容",
    en="There is something under an empty header. Name the column or remove its contents.",
)
NO_HEADER = Reason(code="no_header", zh="文件中没有找到表头", en="No header row was found in the file.")
