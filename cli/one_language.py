"""Help and complaints of the command line in the language of whoever reads them.

Every text of a command is written once as `中文 / English`; what the library itself says is translated here.
"""

import io
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import typer
import typer.core
import typer.rich_utils

from application.settings import locale_language

# The first slash with a blank after it parts the two; those within a path have none.
_BOTH = re.compile(r"(?P<zh>[^\n]*?[^\x00-\x7f][^\n]*?) ?/ (?P<en>.+)", re.DOTALL)
_FRAME = {
    "ARGUMENTS_PANEL_TITLE": "参数",
    "OPTIONS_PANEL_TITLE": "选项",
    "COMMANDS_PANEL_TITLE": "命令",
    "REQUIRED_LONG_STRING": "[必填]",
    "DEFAULT_STRING": "[默认：{}]",
}
_ENGLISH_FRAME = {name: getattr(typer.rich_utils, name) for name in _FRAME}
_USAGE = {"Usage: ": "用法：", "[OPTIONS]": "[选项]", "COMMAND [ARGS]...": "命令 [参数]…"}
_HELP = {"Show this message and exit.": "显示本说明并退出"}
_COMPLAINTS = (
    (r"Missing argument '([^']*)'\.?", r"缺少参数 \1"),
    (r"Missing option '([^']*)'\.?", r"缺少选项 \1"),
    (r" Choose from:\s*", "，可选："),
    (r"Missing command\.", "缺少命令"),
    (r"No such command '([^']*)'\.", r"没有命令 \1"),
    (r"No such option: (\S+)", r"没有选项 \1"),
    (r"Got unexpected extra arguments? \((.*)\)", r"多余的参数：\1"),
    (r"Option '([^']*)' requires an argument\.", r"选项 \1 后缺少值"),
    (r"Invalid value for '([^']*)': ", r"\1 的值无效："),
    (r"Invalid value: ", "值无效："),
    (r"(?:File|Directory|Path) '([^']*)' does not exist\.", r"“\1” 不存在"),
    (r"File '([^']*)' is a directory\.", r"“\1” 是目录"),
    (r"Directory '([^']*)' is a file\.", r"“\1” 是文件"),
    (r"'([^']*)' is not one of (.*)\.", r"“\1” 不在可选值之内：\2"),
    (r"Value error, ", ""),
    (r"Input should be a valid integer.*", "应为整数"),
    (r"Input should be a valid number.*", "应为数字"),
    (r"Input should be a valid UUID.*", "不是编号"),
    (r"Input should be greater than or equal to (\S+)", r"不能小于 \1"),
    (r"Input should be less than or equal to (\S+)", r"不能大于 \1"),
    (r"'?[^ ]*'? is not a valid (?:int|integer)(?: range)?\.?", "应为整数"),
    (r"'?[^ ]*'? is not a valid float(?: range)?\.?", "应为数字"),
    (r"\S+ is not in the range x>=(\S+?)\.", r"不能小于 \1"),
    (r"\S+ is not in the range x<=(\S+?)\.", r"不能大于 \1"),
    (r"\S+ is not in the range (\S+?)<=x<=(\S+?)\.", r"应在 \1 至 \2 之间"),
    (r" \(Possible options: (.*)\)", r"；是否要用 \1？"),
    (r" ?Did you mean (.*)\?", r"；是否要用 \1？"),
)


def language_asked(words: Sequence[str]) -> str:
    """Return the language of the help: that of `--lang`, else that of the terminal."""
    said = " ".join(words)
    return next((lang for lang in ("zh", "en") if re.search(f"--lang[ =]{lang}\\b", said)), locale_language())


def accept_chinese() -> None:
    """Make sure that Chinese can be written, also where the locale knows no such letters."""
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper):
            continue
        try:
            "留守儿童".encode(stream.encoding)
        except UnicodeEncodeError:
            stream.reconfigure(encoding="utf-8")
        else:
            stream.reconfigure(errors="replace")


def chosen(text: str, language: str) -> str:
    """Return what a text says in the language, paragraph by paragraph; one that has no other stays."""
    paragraphs = (_BOTH.fullmatch(paragraph) or paragraph for paragraph in text.split("\n\n"))
    return "\n\n".join(part if isinstance(part, str) else part[language] for part in paragraphs)


def _in_words(text: str, words: Mapping[str, str]) -> str:
    for said, word in words.items():
        text = text.replace(said, word, 1)
    return text


def in_english(complaint: str) -> str:
    """Return a complaint of the library on one line, and what we say ourselves in it in English."""
    return _ours(complaint, "en").replace("Value error, ", "")


def in_chinese(complaint: str) -> str:
    """Return a complaint of the library in Chinese, as far as it is one of those that are known."""
    complaint = _ours(complaint, "zh")
    for pattern, words in _COMPLAINTS:
        complaint = re.sub(pattern, words, complaint, flags=re.IGNORECASE)
    return complaint


def _ours(complaint: str, language: str) -> str:
    """Return a complaint with what we say ourselves, after the name of the option, in the language."""
    complaint = " ".join(complaint.split())
    prefix = found[0] if (found := re.match("Invalid value(?: for '[^']*')?: ", complaint)) else ""
    return prefix + chosen(complaint.removeprefix(prefix), language)


def speak(command: Any, language: str) -> None:
    """Have a command and all below it show their help in the language. Call it on a command of one's own."""
    for name, words in (_FRAME if language == "zh" else _ENGLISH_FRAME).items():
        setattr(typer.rich_utils, name, words)
    _speak(command, language)


def _speak(command: Any, language: str) -> None:
    for name in ("help", "short_help", "rich_help_panel"):
        if isinstance(text := getattr(command, name, None), str):
            setattr(command, name, chosen(text, language))
    params_of, usage_of = command.get_params, command.get_usage

    def get_params(ctx: Any) -> Any:
        """Return the options and arguments, with those that the library adds."""
        params = params_of(ctx)
        for param in params:
            if text := getattr(param, "help", None):
                param.help = _HELP.get(text, text) if language == "zh" else text
                param.help = chosen(param.help, language)
        return params

    def get_usage(ctx: Any) -> str:
        """Return the line on top of the help."""
        usage: str = usage_of(ctx)
        return _in_words(usage, _USAGE) if language == "zh" else usage

    command.get_params, command.get_usage = get_params, get_usage
    for below in getattr(command, "commands", {}).values():
        _speak(below, language)
