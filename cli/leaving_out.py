"""Reports of whoever can be read: files that can't be are named at the head, and end the command with 1."""

import sys
from uuid import UUID

import typer

from application.reports import Reports, reports_of
from application.system import System
from cli.terminal import show_json


class LeftOut(dict[UUID, str]):
    """The files that a report had to leave out, by the id of the child, each with the kind of its fault."""

    def reports(self, system: System) -> Reports:
        """Ask for reports of all but these."""
        return reports_of(system, unreadable=self.__setitem__)

    def head(self, *, as_json: bool) -> None:
        """Say what is left out, in both languages, before anything is shown; nothing where all was read.

        In JSON it goes beside the answer, whose form is that of every day.
        """
        if not self:
            return
        out = sys.stderr if as_json else sys.stdout
        out.write(f"有 {len(self)} 份档案无法读取，以下结果不含这些儿童（careledger check 指出所在）：\n")
        out.write(
            f"{len(self)} files can't be read (`careledger check` says where); "
            "what follows is without these children:\n"
        )
        out.writelines(f"  {child_id} {kind}\n" for child_id, kind in self.items())
        out.flush()

    def show_json(self, answer: dict[str, object]) -> None:
        """Write an answer that is an object as JSON, with what is left out where there is any."""
        findings = [{"what": "child", "where": where, "detail": kind} for where, kind in self.items()]
        show_json(answer | ({"findings": findings} if findings else {}))

    def end(self) -> None:
        """End the command with 1 where anything was left out."""
        if self:
            raise typer.Exit(1)
