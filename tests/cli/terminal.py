"""A terminal in a test: runs `careledger …` in this process on a data directory of its own."""

import io
import json
import os
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from cli.main import main

SAMPLE = Path(__file__).parents[2] / "examples" / "cuncaoxin"
SCHOOL = "示例县/东岭镇/寸草心小学"
_OURS = ("CARELEDGER_", "LC_", "LANG", "PORT", "COLUMNS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The answer read as JSON."""
        return json.loads(self.out)


class Terminal:
    """Runs commands, one after the other."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.folder = folder
        rest = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        self.environ = rest | {"CARELEDGER_DATA_DIR": str(folder)} | environ

    def run(self, *words: object) -> Answer:
        """Run one command."""
        out, err = io.StringIO(), io.StringIO()
        with patch.dict(os.environ, self.environ, clear=True), redirect_stdout(out), redirect_stderr(err):
            code = main([str(word) for word in words])
        return Answer(code=code, out=out.getvalue(), err=err.getvalue())

    def json(self, *words: object, code: int = 0) -> Any:
        """Run one command that must end with `code`, and read its JSON."""
        answer = self.run(*words, "--json")
        assert answer.code == code, answer
        return answer.json
