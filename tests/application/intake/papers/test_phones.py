"""Telephone numbers in cells, in whatever figures they are typed."""

import pytest

from application.intake.papers.values import phone
from application.intake.sheets.cell import Cell


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("138001３8000", "13800138000"),
        ("13８００１３８０００", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("１３８００１３８０００、139００139000", "13800138000、13900139000"),
        ("０７５５－１２３４５６７", "0755-1234567"),
        ("１３８００１３", "1380013"),
    ],
)
def test_figures_of_full_width_are_figures(written: str, read: str) -> None:
    assert phone(Cell(written)) == read
