"""The reasons that more than one module of the imports gives for a line that it refuses."""

from domain.refusal import Reason

NO_COLUMN = Reason(
    code="no_column",
    zh="此处有内容，但表头为空：请给该列写上表头，或删去内容",
    en="There is something under an empty header. Name the column or remove its contents.",
)
NO_HEADER = Reason(code="no_header", zh="文件中没有找到表头", en="No header row was found in the file.")
COLUMN_TWICE = Reason(
    code="column_twice", zh="表头有重复的列", en="The header has the same column more than once."
)
BAD_DATE = Reason(
    code="bad_date",
    zh="不是有效日期，应写作 2015-04-25 或 2015/04/25",
    en="Not a valid date. Write 2015-04-25 or 2015/04/25.",
)
BAD_TIME = Reason(code="bad_time", zh="不是有效时间，应写作 16:15", en="Not a valid time. Write 16:15.")
BAD_NUMBER = Reason(code="bad_number", zh="不是整数", en="Not a whole number.")
MOVED_AWAY = Reason(
    code="moved_away",
    zh="本校曾有这名儿童，现已转走：本行未建档。如已转回，请办理转学；如是另一名儿童，请填写学籍号",
    en="This child was of the school and has left it, so the row was not recorded. If it is back, record its "
    "transfer; if this is another child, give the student number.",
)
NOTHING_CHOSEN = Reason(
    code="nothing_chosen",
    zh="“处理”一栏没有一行选定“采用文件”，什么都不登记",
    en="No line says that the file is to be taken, so nothing is recorded.",
)
NO_SUCH_LINE = Reason(
    code="no_such_line",
    zh="所答的行在文件中没有，或几张工作表都有这一行；请照预览中的行号填写",
    en="The file has no such line, or several sheets have it. Give the line as the preview numbers it.",
)
NOT_ASKED = Reason(
    code="not_asked",
    zh="这一栏不能这样回答；只有用词固定的栏目和日期、时间可以",
    en="No answer is taken for this column: only for columns of words, days and times.",
)
BAD_LINE = Reason(
    code="bad_line",
    zh="该行的引号、编码或列数不正确",
    en="The quotes, the encoding or the number of columns of this line are wrong.",
)
ROW_STRUCK = Reason(
    code="row_struck",
    zh="本行已划去（删除线），未登记；仍有效的请去掉删除线再导入",
    en="The row is struck through and was not recorded. If it holds, remove the line through it.",
)
CELL_STRUCK = Reason(
    code="cell_struck",
    zh="单元格中有划去（删除线）的文字，未登记；请只留有效的内容",
    en="Something in the cell is struck through, so it was not recorded. Leave only what holds.",
)
ROW_HIDDEN = Reason(
    code="row_hidden",
    zh="本行在文件中是隐藏的；已照常读取，请核对",
    en="The row is hidden in the file. It was read like any other; check it.",
)
TAKEN_OFF = Reason(
    code="remark_taken_off",
    zh="姓名旁的文字不作为姓名，已存入备注；请核对",
    en="What stands beside the name was not taken for part of it and kept as a remark. Check it.",
)
NAME_KEPT = Reason(
    code="no_name_kept",
    zh="不是姓名，未作为姓名登记，已存入备注；请核对",
    en="This is not a name. It was kept as a remark, and not as one. Check it.",
)
PLACE_KEPT = Reason(
    code="no_place_kept",
    zh="不是地点，未作为地点登记，已存入备注；请核对",
    en="This is not a place. It was kept as a remark, and not as one. Check it.",
)
