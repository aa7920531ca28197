"""Reports of whoever can be read: files that can't be are named at the head, and end the command with 1."""

import sys
from uuid import UUID

import typer

from application.imports.paper import Progress as Told
from application.reports import Reports, reports_of
from application.system import System


class LeftOut(dict[UUID, str]):
    """The files that a report had to leave out, by the id of the child, each with the kind of its fault."""

    def reports(self, system: System, *, told: Told) -> Reports:
        """Ask for reports of all but these; `told` hears how many files were read."""
        return reports_of(system, unreadable=self.__setitem__, told=told)

    def head(self, *, as_json: bool) -> None:
        """Say what is left out, in both languages, before anything is shown; nothing where all was read.

        In JSON it goes to stderr as well: the answer bears it as its `findings`.
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

    @property
    def findings(self) -> dict[str, object]:
        """What is left out, as a part of an answer in JSON; nothing where all was read."""
        found = [{"what": "child", "where": where, "detail": kind} for where, kind in self.items()]
        return {"findings": found} if found else {}

    def end(self) -> None:
        """End the command with 1 where anything was left out."""
        if self:
            raise typer.Exit(1)
