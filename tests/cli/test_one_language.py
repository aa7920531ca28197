"""Help and complaints of the command line: in the language of the terminal, or the one that is asked for."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from cli.main import app
from cli.one_language import chosen, in_chinese
from tests.cli.terminal import Terminal

CHINESE = re.compile("[\u4e00-\u9fff]")


def texts_of(command: Any) -> Iterator[tuple[str, str]]:
    """Return every text of a command and of all below it."""
    if command.help:
        yield command.name, command.help
    for param in command.params:
        yield f"{command.name} {param.name}", param.help or ""
    for below in getattr(command, "commands", {}).values():
        yield from texts_of(below)


def test_every_text_has_both_languages() -> None:
    for place, text in texts_of(typer.main.get_command(app)):
        assert CHINESE.search(chosen(text, "zh")), place
        assert not CHINESE.search(chosen(text, "en")), place


@pytest.mark.parametrize("words", [(), ("keys", "create"), ("migrate",), ("history",)])
def test_help_is_in_the_language_of_the_terminal(tmp_path: Path, words: tuple[str, ...]) -> None:
    in_zh = Terminal(tmp_path, LANG="zh_CN.UTF-8").run(*words, "--help").out
    in_en = Terminal(tmp_path, LANG="C.UTF-8").run(*words, "--help").out

    assert "用法：" in in_zh
    assert "OPTIONS" not in in_zh
    assert "显示本说明" in in_zh
    assert "Show this" not in in_zh
    assert "Usage: " in in_en
    assert not CHINESE.search(in_en)


def test_lang_overrides_the_terminal(tmp_path: Path) -> None:
    shown = Terminal(tmp_path, LANG="en_GB.UTF-8").run("--lang", "zh", "history", "--help").out

    assert "一名儿童的全部记录" in shown


@pytest.mark.parametrize(
    ("words", "zh", "en"),
    [
        (("history",), "缺少参数", "Missing argument"),
        (("keys", "create"), "缺少选项 --role", "Missing option '--role'"),
        (("childern",), "没有命令 childern", "No such command 'childern'"),
        (("children", "--orgg", "x"), "没有选项 --orgg", "No such option: --orgg"),
        (("children", "--on", "May"), "--on 的值无效：日期应写作", "Invalid value for '--on': a day is"),
        (("import", "roster", "nowhere.xlsx", "--org", "x"), "不存在", "does not exist"),
        (("children", "--uncontacted-days", "-1"), "不能小于 0", "not in the range x>=0"),
        (("children", "--uncontacted-days", "x"), "应为整数", "not a valid int"),
    ],
)
def test_a_complaint_is_in_both_languages(tmp_path: Path, words: tuple[str, ...], zh: str, en: str) -> None:
    first, second, *_ = Terminal(tmp_path).run(*words).err.splitlines()

    assert zh in first
    assert en in second
    assert not CHINESE.search(second)


def test_what_is_not_known_stays_as_the_library_says_it() -> None:
    assert in_chinese("Something new.") == "Something new."
