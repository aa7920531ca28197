"""The sheets of our own workbooks that explain how to fill them in: nothing of them is to be recorded."""

from application.intake.sheets.cell import Sheet

# The first rows of such sheets.
OF_TEMPLATE = ("栏目", "是否必填", "可填")
OF_SETTLING = ("先在“核对”表的第一栏逐行选定，再用 careledger import roster 导入本文件。",)
OF_VISITS = ("打印后手填，再把填好的行录入本文件或抄到另一份表中，用 careledger import care-log 导入。",)
OF_WORDS = ("可填的词，每栏一列；下拉列表取自本表，请勿删改。",)
_FIRST_ROWS = (OF_TEMPLATE, OF_SETTLING, OF_VISITS, OF_WORDS)


def explains(sheet: Sheet) -> bool:
    """Return whether a sheet is one that we wrote to explain a workbook."""
    first = tuple(cell.text for cell in sheet.rows[0] if cell.text) if sheet.rows else ()
    return first in _FIRST_ROWS
