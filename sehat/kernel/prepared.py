"""Questions that pages ask the database again and again: made into SQL once, then only filled in.

Django builds the SQL of a query anew each time it is asked, which takes five times as long as the answer of SQLite.
What nearly every request asks is therefore written as a function that returns a QuerySet, and marked:

    @prepared
    def _of_patient(patient: int, ref: str) -> QuerySet[Consultation]:
        return Consultation.objects.select_related("token").filter(ref=ref, token__patient=patient)

    _of_patient.first(patient.pk, ref)

The function is called once for each kind of database, with a placeholder for each parameter: it may not look at them,
and each must stand where SQL takes one value (no lists, no bounds of a slice). Rows become the same objects as the
QuerySet's own, or tuples where it says `values_list`.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import update_wrapper
from inspect import signature
from typing import Any

from django.db import connection
from django.db.models import Expression, QuerySet, prefetch_related_objects
from django.db.models.query import ModelIterable, get_related_populators


class _Parameter(Expression):
    """Stands in a query for a value that is not known yet; says of itself which one."""

    def __init__(self, position: int) -> None:
        super().__init__()
        self.position = position

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


class _Plan:
    """A query for one kind of database: its SQL, its parameters in their order, and what its rows become."""

    def __init__(self, queryset: Any) -> None:
        compiler = queryset.query.get_compiler(using=queryset.db)
        self.sql, self.parameters = _spelt_out(*compiler.as_sql())
        columns = [column for column, *_ in compiler.select]
        self.converters = [(at, *found) for at, found in compiler.get_converters(columns).items()]
        self.whole = queryset._iterable_class is ModelIterable
        if self.whole:
            shape = compiler.klass_info
            first, last = shape["select_fields"][0], shape["select_fields"][-1] + 1
            self.model, self.fields = shape["model"], slice(first, last)
            self.names = [column.target.attname for column in columns[self.fields]]
            self.fetch_mode = queryset._fetch_mode
            self.related = get_related_populators(shape, compiler.select, queryset.db, self.fetch_mode)
            self.annotations = compiler.annotation_col_map
            self.ahead = queryset._prefetch_related_lookups

    def filled(self, values: tuple[object, ...]) -> list[Any]:
        return [_fit(values[one.position]) if isinstance(one, _Parameter) else one for one in self.parameters]

    def row(self, found: tuple[Any, ...]) -> Any:
        row = list(found)
        for at, converters, column in self.converters:
            for convert in converters:
                row[at] = convert(row[at], column, connection)
        if not self.whole:
            return tuple(row)
        made = self.model.from_db(connection.alias, self.names, row[self.fields], fetch_mode=self.fetch_mode)
        for relative in self.related:
            relative.populate(row, made)
        for name, at in self.annotations.items():
            setattr(made, name, row[at])
        return made

    def rows(self, found: list[tuple[Any, ...]]) -> list[Any]:
        rows = [self.row(one) for one in found]
        if self.whole and self.ahead and rows:
            prefetch_related_objects(rows, *self.ahead)
        return rows


def _spelt_out(sql: str, parameters: Iterable[Any]) -> tuple[str, list[Any]]:
    """The words that never change, written into the SQL: `state = 'waiting'`.

    An index of the waiting only (`condition=Q(state=…)`) is no use where the database must allow for any state.
    """
    first, *rest = sql.split("%s")
    spelt, left = first, []
    for parameter, after in zip(parameters, rest, strict=True):
        if isinstance(parameter, str) and parameter.isidentifier():
            spelt += f"'{parameter}'{after}"
        else:
            left.append(parameter)
            spelt += "%s" + after
    return spelt, left


def _fit(value: object) -> object:
    """As the database's driver takes it: only moments and days differ between the two."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value


class Prepared[Row]:
    """A question with its parameters open: see the module."""

    def __init__(self, build: Callable[..., QuerySet[Any, Row]]) -> None:
        update_wrapper(self, build)
        self._build = build
        self._parameters = [_Parameter(at) for at in range(len(signature(build).parameters))]
        self._plans: dict[str, _Plan] = {}

    def __call__(self, *values: object) -> list[Row]:
        """All rows, with these values in the places of the function's parameters."""
        plan = self._plan()
        with connection.cursor() as cursor:
            cursor.execute(plan.sql, plan.filled(values))
            found = cursor.fetchall()
        return plan.rows(found)

    def first(self, *values: object) -> Row | None:
        """The first row, or None. It asks for no order and sets no limit: the function says both."""
        plan = self._plan()
        with connection.cursor() as cursor:
            cursor.execute(plan.sql, plan.filled(values))
            found = cursor.fetchone()
        return plan.rows([found])[0] if found else None

    def count(self, *values: object) -> int:
        """How many rows there are. It counts an index where the function asks for the key alone, in no order."""
        plan = self._plan()
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*) FROM ({plan.sql}) counted", plan.filled(values))  # noqa: S608 Django's own
            return int(cursor.fetchone()[0])

    def written(self, *values: object) -> tuple[str, list[Any]]:
        """Its SQL and what fills it, to stand inside another statement (`rows.insert_where`)."""
        plan = self._plan()
        return plan.sql, plan.filled(values)

    def _plan(self) -> _Plan:
        # Two threads may make the same plan at once; either will do.
        kind = connection.vendor
        if kind not in self._plans:
            self._plans[kind] = _Plan(self._build(*self._parameters))
        return self._plans[kind]


prepared = Prepared
