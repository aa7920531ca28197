"""Workbooks of older and of other programs, XLS and ODS, read by calamine."""

import io
from typing import Any

from application.intake.sheets.cell import Sheet
from application.intake.sheets.numbers import of_value
from application.intake.sheets.reasons import DAMAGED, ENCRYPTED, TOO_WIDE
from application.intake.sheets.xlsx import MOST_COLUMNS
from domain.refusal import invalid


def read_workbook(data: bytes) -> list[Sheet]:
    """Return the sheets of a workbook. Raises `Invalid`."""
    # Not at the top: whoever imports nothing need not load it.
    from python_calamine import (
        CalamineError,
        CalamineWorkbook,
        PasswordError,
        SheetTypeEnum,
        SheetVisibleEnum,
    )

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        return [
            _sheet(book.get_sheet_by_name(each.name), hidden=each.visible is not SheetVisibleEnum.Visible)
            for each in book.sheets_metadata
            if each.typ is SheetTypeEnum.WorkSheet
        ]
    except PasswordError:
        raise invalid(ENCRYPTED) from None
    except CalamineError:
        raise invalid(DAMAGED) from None


def _sheet(read: Any, *, hidden: bool) -> Sheet:
    if read.width > MOST_COLUMNS:
        raise invalid(TOO_WIDE)
    areas = read.merged_cell_ranges or ()
    return Sheet(
        name=read.name,
        rows=[[of_value(value) for value in row] for row in read.to_python(skip_empty_area=False)],
        hidden=hidden,
        merged=tuple((top, left, bottom, right) for (top, left), (bottom, right) in areas),
    )
