"""What stands beside a name in its cell: a mark, a remark in brackets, or a word behind it."""

import re

from application.intake.papers.values import NotUnderstood, plain
from application.intake.papers.words import Words
from domain.case_no import is_case_no
from domain.refusal import Reason

LEFT = Reason(
    code="left_by_remark",
    zh="姓名旁注明已离开（如转走），本行未登记；仍在本校的请删去注明，已离开的请办理转学或结案",
    en="Beside the name stands that the child has left, so the row was not recorded. Remove the remark if it "
    "is still there; if not, record its transfer or the end of care.",
)
REMARKED = Reason(
    code="name_with_remark",
    zh="姓名旁另有文字，看不出是否属于姓名；请只写姓名，其余写在备注",
    en="Something stands beside the name, and nobody can tell whether it belongs to it. Write the name alone "
    "and the rest as a remark.",
)
NO_NAME = Reason(
    code="no_name",
    zh="不是姓名；请填写姓名，没有的留空",
    en="This is not a name. Give the name, or leave the cell empty.",
)
_BRACKETS = re.compile(r"\s*[(\[【〔《<]([^)\]】〕》>]*)[)\]】〕》>]?\s*")
_MARKS = re.compile(r"[*＊※★☆△▲▽▼●◎◆◇■□#√✓✔×]+")
# What is printed beside equal names of a visit sheet.
_PRINTED = re.compile(r"(?:19|20)\d\d年生")
_BETWEEN = re.compile(r"[\s\-–—,，、:：/]+$")
_LEAST = 2


def apart(text: str, words: Words) -> tuple[str, tuple[str, ...]]:
    """Return a name, and what stands beside it; nothing where the cell has a name alone."""
    said = plain(text)
    beside = [each.strip() for each in _BRACKETS.findall(said)]
    name = _BRACKETS.sub(" ", said).strip() if beside else said
    if marks := _MARKS.findall(name):
        beside += marks
        name = _MARKS.sub("", name).strip()
    if word := _behind(name, words):
        beside.append(word)
        name = _BETWEEN.sub("", name[: -len(word)])
    return (name, tuple(beside)) if beside else (text, ())


def _behind(name: str, words: Words) -> str:
    """Return the word behind a name that is no part of it; one character may be, if nothing parts it."""
    found = (word for what in ("left", "beside_name") for word in words.anywhere[what])
    for word in sorted(found, key=len, reverse=True):
        before = name.removesuffix(word)
        parted = _BETWEEN.search(before) is not None
        if before != name and len(_BETWEEN.sub("", before)) >= _LEAST and (parted or len(word) >= _LEAST):
            return word
    return ""


def child_name(text: str, words: Words) -> str:
    """Return the name of a child without the marks beside it. Raises `NotUnderstood`."""
    name, beside = apart(text, words)
    if any(words.says("left", each) for each in beside):
        raise NotUnderstood(LEFT)
    if not name or words.says("no_name", name):
        raise NotUnderstood(NO_NAME)
    if any(_MARKS.fullmatch(each) is None and not words.says("beside_name", each) for each in beside):
        raise NotUnderstood(REMARKED)
    return name


def is_marked(text: str, words: Words) -> bool:
    """Return whether somebody wrote something beside a name; what visit sheets print there is nothing."""
    beside = apart(text, words)[1] if text else ()
    return any(_PRINTED.fullmatch(each) is None and not is_case_no(each) for each in beside)
