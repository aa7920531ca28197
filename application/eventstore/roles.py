"""Two roles of a PostgreSQL database: its owner makes and changes tables, the service works with their rows.

The service can't change an event, nor lift the guard that refuses it, nor make tables (ADR 33). On SQLite,
and where both have one URL, there is nothing to grant.
"""

from collections.abc import Sequence

from application.eventstore.database import Database, Transaction
from domain.refusal import Conflict, Fault, Reason

# Of all other tables the service reads, inserts, changes and removes rows.
APPEND_ONLY = ("events",)
READ_ONLY = (
    "log_incarnation",
    "ledger",
    "schema_version",
    "schema_statement",
    "schema_program",
    "upgrade_step",
)
NOT_THE_OWNER = Reason(
    code="not_the_owner",
    zh="当前数据库角色不是数据表的所有者，请在 CARELEDGER_OWNER_DATABASE_URL 和 "
    "CARELEDGER_OWNER_KEYS_URL 中填写所有者的地址",
    en="This database role does not own the tables: name the owner's in CARELEDGER_OWNER_DATABASE_URL and "
    "CARELEDGER_OWNER_KEYS_URL.",
)
OWNER_ELSEWHERE = Reason(
    code="owner_elsewhere",
    zh="所有者地址与服务地址指向的不是同一个数据库",
    en="The owner's URL and the service's lead to different databases.",
)
SERVICE_MAY_TOO_MUCH = Reason(
    code="service_may_too_much",
    zh="服务所用的数据库角色仍能修改已登记的内容：它是超级用户、所有者的成员，或能建表",
    en="The service's database role could still change what is recorded: it is a superuser, a member of the "
    "owner, or may make tables.",
)
_PLACE = (
    "SELECT (SELECT system_identifier FROM pg_control_system()), "
    "(SELECT oid FROM pg_database WHERE datname = current_database()), current_schema()"
)
_OWNS = (
    "SELECT COALESCE(bool_and(pg_has_role(current_user, relowner, 'USAGE')), "
    "has_schema_privilege(current_schema(), 'CREATE')) FROM pg_class "
    "WHERE relnamespace = to_regnamespace(current_schema()) AND relkind IN ('r', 'p')"
)
_MAY_TOO_MUCH = (
    "SELECT pg_has_role(:role, current_user, 'MEMBER') "
    "OR has_schema_privilege(:role, current_schema(), 'CREATE') "
    "OR (SELECT rolsuper FROM pg_roles WHERE rolname = :role)"
)


def refuse_unless_owner(database: Database) -> None:
    """Raise Conflict where the role of a connection may not change every table; empty databases are fine."""
    if not owns_the_tables(database):
        raise Conflict(Fault(reason=NOT_THE_OWNER))


def owns_the_tables(database: Database) -> bool:
    """Return whether the role of a connection may change every table; of a file whoever opens it may."""
    return database.dialect == "sqlite" or database.tuples(_OWNS) == [(True,)]


def grant(owner: Database, service: Database) -> None:
    """Give the role of the service what it needs in the owner's database, and take all else from it.

    Twice is once; for every table that the owner makes later, other than these, the service may work with
    rows. Raises Conflict where the two lead to different databases, or where the service may still do more.
    """
    if owner.dialect != "postgres" or service.dialect != "postgres":
        return
    if owner.tuples(_PLACE) != service.tuples(_PLACE):
        raise Conflict(Fault(reason=OWNER_ELSEWHERE))
    ((role,),) = service.tuples("SELECT current_user")
    if owner.tuples("SELECT current_user") == [(role,)]:
        return
    with owner.transaction() as tx:
        for statement in _grants(tx, role=role):
            tx.run(statement)
    if owner.tuples(_MAY_TOO_MUCH, role=role) != [(False,)]:
        raise Conflict(Fault(reason=SERVICE_MAY_TOO_MUCH))


def _grants(tx: Transaction, *, role: str) -> Sequence[str]:
    ((to, schema),) = tx.tuples("SELECT quote_ident(:role), quote_ident(current_schema())", role=role)
    tables = tx.tuples(
        "SELECT quote_ident(relname), relname FROM pg_class "
        "WHERE relnamespace = to_regnamespace(current_schema()) AND relkind IN ('r', 'p') ORDER BY relname"
    )
    work = "SELECT, INSERT, UPDATE, DELETE"
    rights = {**dict.fromkeys(APPEND_ONLY, "SELECT, INSERT"), **dict.fromkeys(READ_ONLY, "SELECT")}
    return (
        f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {to}",
        f"GRANT USAGE ON SCHEMA {schema} TO {to}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {to}",
        *(f"GRANT {rights.get(name, work)} ON {schema}.{quoted} TO {to}" for quoted, name in tables),
        # A backup reads how far they are.
        f"GRANT SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {to}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT {work} ON TABLES TO {to}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT ON SEQUENCES TO {to}",
    )
