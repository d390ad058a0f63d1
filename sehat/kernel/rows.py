"""Rows written with SQL that is composed once: for what is written with nearly every step of the journey.

`save`, `update` and `delete` compose their statement anew each time, and `save` takes a round trip for each row;
`insert`, `change` and `remove` do neither. `insert_new` and `insert_where` leave it to the one statement whether the
row is written, so that they need neither a look before nor a savepoint. Everywhere else the ORM's own way is the
right one.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Field, Model

from sehat.kernel.prepared import Prepared


def insert(*rows: Model) -> None:
    """Insert rows that refer to none of each other, of any tables; each has its primary key afterwards.

    One statement where the database takes that (PostgreSQL), else one for each row. Unlike `save` it sends no signals,
    and calls nobody's `save`. The table's constraints speak as always (IntegrityError).
    """
    values = [_values(row) for row in rows]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(rows) > 1:
            cursor.execute(_insert_all(*(type(row) for row in rows)), [value for some in values for value in some])
            keys = cursor.fetchone()
        else:
            keys = []
            for row, some in zip(rows, values, strict=True):
                cursor.execute(_insert_one(type(row)), some)
                keys.append(cursor.fetchone()[0])
    for row, key in zip(rows, keys, strict=True):
        _is_stored(row, key)


def insert_new(row: Model) -> bool:
    """Insert the row if no other has what must be unique; whether it was inserted."""
    return _insert(row, f"{_insert_values(type(row))} ON CONFLICT DO NOTHING", [])


def insert_where(row: Model, question: Prepared[Any], *values: object) -> bool:
    """Insert the row if the question finds anything with these values; whether it was inserted."""
    asked, told = question.written(*values)
    return _insert(row, f"INSERT {_into(type(row))} SELECT {_marks(type(row))} WHERE EXISTS ({asked})", told)


def _insert(row: Model, sql: str, told: list[Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} RETURNING {_column(type(row), 'pk')}", [*_values(row), *told])
        found = cursor.fetchone()
    if found:
        _is_stored(row, found[0])
    return found is not None


def _is_stored(row: Model, key: Any) -> None:
    row.pk = key
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def change(model: type[Model], where: Mapping[str, Any], to: Mapping[str, Any]) -> bool:
    """Compare and set: give the row's fields new values if its fields still have those of `where`; whether they had.

    As `model.objects.filter(**where).update(**to)`, for plain values of the model's own fields. A unique one is among
    `where`.
    """
    return _run(model, _update(model, tuple(to), _asked(where)), [*to.items(), *_known(where)])


def remove(model: type[Model], where: Mapping[str, Any]) -> bool:
    """Delete the row that has these values, to which no other table refers; whether there was one."""
    return _run(model, _delete(model, _asked(where)), _known(where))


def _asked(where: Mapping[str, Any]) -> tuple[tuple[str, bool], ...]:
    return tuple((name, value is None) for name, value in where.items())


def _known(where: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in where.items() if value is not None]


def _run(model: type[Model], sql: str, told: list[tuple[str, Any]]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, [_field(model, name).get_db_prep_save(value, connection) for name, value in told])
        return bool(cursor.rowcount)


def _field(model: type[Model], name: str) -> "Field[Any, Any]":
    return model._meta.pk if name == "pk" else model._meta.get_field(name)  # type: ignore[return-value]


@cache
def _update(model: type[Model], to: tuple[str, ...], where: tuple[tuple[str, bool], ...]) -> str:
    sets = ", ".join(f"{_column(model, name)} = %s" for name in to)
    return f"UPDATE {_table(model)} SET {sets} WHERE {_condition(model, where)}"  # noqa: S608 our own names


@cache
def _delete(model: type[Model], where: tuple[tuple[str, bool], ...]) -> str:
    return f"DELETE FROM {_table(model)} WHERE {_condition(model, where)}"  # noqa: S608 our own names


def _condition(model: type[Model], where: tuple[tuple[str, bool], ...]) -> str:
    return " AND ".join(f"{_column(model, name)} {'IS NULL' if is_null else '= %s'}" for name, is_null in where)


def _column(model: type[Model], name: str) -> str:
    return connection.ops.quote_name(str(_field(model, name).column))


def _table(model: type[Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


@cache
def _columns(model: type[Model]) -> "list[Field[Any, Any]]":
    """All but the primary key that the database gives."""
    return [field for field in model._meta.local_concrete_fields if field is not model._meta.auto_field]


def _values(row: Model) -> list[Any]:
    return [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in _columns(type(row))]


@cache
def _into(model: type[Model]) -> str:
    return f"INTO {_table(model)} ({', '.join(_column(model, field.name) for field in _columns(model))})"


@cache
def _marks(model: type[Model]) -> str:
    return ", ".join(["%s"] * len(_columns(model)))


@cache
def _insert_values(model: type[Model]) -> str:
    return f"INSERT {_into(model)} VALUES ({_marks(model)})"  # noqa: S608 our own names


def _insert_one(model: type[Model]) -> str:
    return f"{_insert_values(model)} RETURNING {_column(model, 'pk')}"


@cache
def _insert_all(*models: type[Model]) -> str:
    parts = ", ".join(f"row{place} AS ({_insert_one(model)})" for place, model in enumerate(models))
    tables = [f"row{place}" for place in range(len(models))]
    return f"WITH {parts} SELECT {', '.join(f'{table}.*' for table in tables)} FROM {', '.join(tables)}"  # noqa: S608
