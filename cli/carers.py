"""`careledger carers …`: who looks after children."""

from typing import Annotated
from uuid import uuid4

import typer

from cli.options import Json, Org
from cli.session import known_org, operator, session_of
from cli.terminal import say, show_json
from domain.reasons import MISSING
from domain.refusal import Text, invalid
from domain.streams.carers.carer import CarerRegistered

app = typer.Typer(
    no_args_is_help=True,
    help="帮扶人及其今日结对人数；登记帮扶人 / Carers, how many children each looks after, and adding one.",
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="姓名 / name")]
StaffNo = Annotated[
    str | None,
    typer.Option("--staff-no", help="工号，同名时用以区分 / staff number, tells two of one name apart"),
]
Phone = Annotated[str | None, typer.Option("--phone", help="电话 / telephone")]


@app.command("add")
def add_carer(
    ctx: typer.Context,
    *,
    name: Name,
    org: Org,
    staff_no: StaffNo = None,
    phone: Phone = None,
    as_json: Json = False,
) -> None:
    """登记帮扶人 / Register a carer of a school."""
    session, name = session_of(ctx), name.strip()
    if not name:
        raise invalid(MISSING, "/name")
    carer_id = uuid4()
    with session.system() as system:
        org = known_org(system, org)
        said = CarerRegistered(name=name, staff_no=staff_no or None, phone=phone or None)
        system.carers.register(actor=operator(), carer_id=carer_id, org=org, details=said)
    if as_json:
        show_json({"carer_id": carer_id, "org": org, "name": name})
    else:
        say(Text(zh=f"已登记：{name}（{org}）", en=f"Registered: {name} ({org})"), language=session.language)
