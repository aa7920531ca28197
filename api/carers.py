"""Carers: registering them, reading them."""

from uuid import UUID

import falcon

from api.context import Context
from api.exchange import actor_of, answer, version_named
from api.operation import IF_STILL, operation
from api.schemas import body_of_org, loaded
from application.access import Action, require
from application.reasons import NOT_FOUND
from domain.choices import CarerKind
from domain.days import local_day
from domain.refusal import Fault, Unknown
from domain.streams.carers.carer import CarerRegistered
from domain.wire import from_wire

BODY = body_of_org(CarerRegistered)


class CarerResource:
    """One carer."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._system = context.system

    @operation(
        "Register a carer 登记帮扶人",
        request=BODY,
        answers={201: "CarerKnown", 200: "CarerKnown"},
        params=(IF_STILL,),
        problems=(400, 403, 404, 409, 412, 413, 415, 422),
        codes=(
            "bad_org_path",
            "reserved_id",
            "id_in_use",
            "carer_not_told_apart",
            "capacity_exceeded",
            "erased",
            "busy",
        ),
    )
    def on_put(self, req: falcon.Request, resp: falcon.Response, carer_id: UUID) -> None:
        """Register a carer under an id that the client has chosen, or replace what is known of it.

        201 where it was not known before, 200 where it was. With If-Match nothing is replaced that has
        changed since it was read.
        """
        actor = actor_of(req)
        require(actor, Action.SUBMIT, org=actor.org)
        words = loaded(BODY, self._context.body(req))
        org = self._system.organisations.spelled(words.pop("org"))
        details = from_wire(CarerRegistered, words, at="")
        known = self._system.carers.register(
            actor=actor, carer_id=carer_id, org=org, details=details, based_on=version_named(req)
        )
        self._system.organisations.ensure(org, actor=actor)
        answer(
            resp,
            {"carer_id": carer_id, "version": known.version},
            status=201 if known.first else 200,
            version=known.version,
        )

    @operation("Read a carer 帮扶人", answers={200: "Carer"}, problems=(403, 404))
    def on_get(self, req: falcon.Request, resp: falcon.Response, carer_id: UUID) -> None:
        """Show a carer and how many children it looks after today."""
        carer = self._system.carers.load(carer_id)
        if carer.registered is None:
            raise Unknown(Fault(reason=NOT_FOUND))
        require(actor_of(req), Action.READ, org=carer.org)
        today = local_day(self._system.now())
        loads = {kind.value: carer.load(today, kind=kind) for kind in CarerKind}
        answer(
            resp,
            {
                "carer_id": carer_id,
                "version": carer.version,
                "org": carer.org,
                "name": carer.registered.name,
                "staff_no": carer.registered.staff_no,
                "phone": carer.registered.phone,
                "capacity": carer.registered.capacity,
                "children_today": {kind: count for kind, count in loads.items() if count},
            },
            version=carer.version,
        )
