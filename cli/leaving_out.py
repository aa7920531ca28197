"""Reports of whoever can be read: files that can't be are named at the head, and end the command with 1."""

import sys

import typer

from reports.left_out import LeftOut as Missing


class LeftOut(Missing):
    """The files that a command had to do without."""

    def head(self, *, as_json: bool) -> None:
        """Say what is missing, in both languages, before anything is shown; nothing where all was read.

        In JSON it goes to stderr as well: the answer bears it as its `findings`.
        """
        out = sys.stderr if as_json else sys.stdout
        if number := len(self.children):
            out.write(f"有 {number} 份档案无法读取，以下结果不含这些儿童（careledger check 指出所在）：\n")
            out.write(
                f"{number} files can't be read (`careledger check` says where); "
                "what follows is without these children:\n"
            )
            out.writelines(f"  {child_id} {kind}\n" for child_id, kind in self.children.items())
        if number := len(self.organisations):
            out.write(
                f"有 {number} 个机构的档案无法读取（careledger check 指出所在）。其儿童照常计入；"
                "机构的规则、关注范围和学生数：密钥缺失的按未加密部分计，未经验证，其他的不得而知；"
                "其接收人不得而知：\n"
            )
            out.write(
                f"The files of {number} organisations can't be read (`careledger check` says where). Their "
                "children are counted all the same. Their rules, whom they watch and how many pupils they "
                "have are not verified where the key is missing, and else not known; nor are their "
                "recipients:\n"
            )
            out.writelines(f"  {path} {kind}\n" for path, kind in self.organisations.items())
        out.flush()

    def end(self) -> None:
        """End the command with 1 where anything was missing."""
        if self:
            raise typer.Exit(1)
