"""Rows that are written in the transaction of the events."""

from collections.abc import Iterable
from itertools import groupby

from application.eventstore.database import Transaction, UniqueViolation
from application.eventstore.recorder import Row, RowTaken
from application.eventstore.sqltext import claim_statement, delete_statement, lookup_statement


def write_rows(tx: Transaction, rows: Iterable[Row]) -> None:
    """Write rows in their order, those alike and side by side in one statement. Raises RowTaken."""
    for (table, key, _, unique, gone), alike in groupby(rows, _shape):
        try:
            if gone:
                tx.many(delete_statement(table=table, key=key), [row.key for row in alike])
            elif unique:
                for row in alike:
                    _claim(tx, row)
            else:
                tx.upsert(table=table, key=key, rows=[{**row.key, **row.values} for row in alike])
        except UniqueViolation as error:
            raise RowTaken(table=table) from error


def _shape(row: Row) -> tuple[str, tuple[str, ...], tuple[str, ...], bool, bool]:
    return row.table, tuple(row.key), tuple(row.values), row.unique, row.gone


def _claim(tx: Transaction, row: Row) -> None:
    columns = {**row.key, **row.values}
    claim = claim_statement(table=row.table, key=tuple(row.key), columns=tuple(columns))
    if tx.run(claim, **columns) == 0:
        lookup = lookup_statement(table=row.table, key=tuple(row.key), columns=tuple(columns))
        if tx.one(lookup, **row.key) != columns:
            raise RowTaken(table=row.table)
