"""The reasons for which a file can't be read as sheets of cells."""

from domain.refusal import Reason

TOO_BIG = Reason(
    code="paper_too_big",
    zh="文件过大，或展开后过大；请分成几个文件",
    en="The file is too big, or becomes too big once it is unpacked. Split it into several files.",
)
TOO_WIDE = Reason(
    code="paper_too_wide",
    zh="表格的列过多；请删去右侧多余的列",
    en="The table has too many columns. Delete those on the right that aren't needed.",
)
ENCRYPTED = Reason(
    code="paper_encrypted",
    zh="文件有打开密码；请另存为不带密码的文件",
    en="The file opens with a password only. Save it without one.",
)
NOT_A_TABLE = Reason(
    code="not_a_table",
    zh="不是可读取的表格；请另存为 Excel 工作簿 (*.xlsx) 或 CSV",
    en="Not a table that can be read. Save it as an Excel workbook (.xlsx) or as CSV.",
)
DAMAGED = Reason(
    code="paper_damaged",
    zh="文件已损坏，读到一半无法继续；请用 Excel 打开后重新保存",
    en="The file is damaged and could not be read to its end. Open it in Excel and save it again.",
)
BAD_ENCODING = Reason(
    code="bad_encoding",
    zh="文件不是 UTF-8、UTF-16 或 GB18030 编码",
    en="The file is not in UTF-8, UTF-16 or GB18030.",
)
