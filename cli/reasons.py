"""The reasons that more than one command gives."""

from domain.refusal import Reason

FILE_EXISTS = Reason(
    code="file_exists",
    zh="已有同名文件，未覆盖；请换一个文件名",
    en="There is a file of this name; it was not replaced. Choose another name.",
)
