"""Questions that are asked with every request, compiled once.

Django builds and compiles a query each time it is asked. For a page that is opened by many at once that takes ten times
as long as the database takes to answer. A `Question` is an ordinary queryset with blanks, compiled when it is first
asked; after that the blanks are filled in. See ADR 0017.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field, Model, QuerySet
from django.db.models.expressions import Expression
from django.db.models.sql import UpdateQuery

M = TypeVar("M", bound=Model)
Row = TypeVar("Row")


class Blank(Expression):
    """A value in a query that is filled in when it is asked."""

    def __init__(self, name: str, field: Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


@dataclass(frozen=True)
class _Compiled:
    """A statement, its parameters, and which columns want converting, as (place, converters, expression)."""

    sql: str
    parameters: tuple[Any, ...]
    converted: tuple[tuple[int, tuple[Callable[..., Any], ...], Any], ...] = ()

    def run(self, cursor: Any, given: dict[str, Any]) -> None:
        """Fill in the blanks and ask."""
        filled = [
            each.output_field.get_db_prep_value(given[each.name], cursor.db) if isinstance(each, Blank) else each
            for each in self.parameters
        ]
        cursor.execute(self.sql, filled)


@dataclass(frozen=True)
class _Part:
    """An object of a row, from its columns; and the objects it leads to, each with what ties the two together."""

    model: type[Model]
    columns: tuple[int, ...]
    names: tuple[str, ...]
    related: tuple[tuple[_Part, Callable[..., None], Callable[..., None]], ...]

    def made(self, row: list[Any]) -> Any:
        """None where there is none: its primary key is empty."""
        values = [row[at] for at in self.columns]
        if values[self.names.index(self.model._meta.pk.attname)] is None:
            return None
        found = self.model.from_db(DEFAULT_DB_ALIAS, self.names, values)
        for part, tie, tie_back in self.related:
            other = part.made(row)
            tie(found, other)
            if other is not None:
                tie_back(other, found)
        return found


class Question(Generic[Row]):
    """A queryset asked with other values each time: objects, with `select_related` and `only` where wanted, or what
    `into` makes of the columns of `values_list`."""

    def __init__(self, queryset: Callable[[], QuerySet[Any, Any]], *, into: Callable[..., Row] | None = None) -> None:
        self._queryset, self._into = queryset, into
        self._compiled: tuple[_Compiled, Callable[[list[Any]], Row]] | None = None

    def ask(self, **given: Any) -> list[Row]:
        compiled, make = self._compiled or self._compile()
        connection = connections[DEFAULT_DB_ALIAS]
        with connection.cursor() as cursor:
            compiled.run(cursor, given)
            rows = [list(row) for row in cursor.fetchall()]
        for at, converters, expression in compiled.converted:
            for convert in converters:
                for row in rows:
                    row[at] = convert(row[at], expression, connection)
        return [make(row) for row in rows]

    def _compile(self) -> tuple[_Compiled, Callable[[list[Any]], Row]]:
        compiler: Any = self._queryset().query.get_compiler(DEFAULT_DB_ALIAS)
        sql, parameters = compiler.as_sql()
        expressions = [column[0] for column in compiler.select]
        converters = compiler.get_converters(expressions).items()
        converted = tuple((at, tuple(each), expression) for at, (each, expression) in converters)
        into = self._into
        make = _part(compiler.klass_info, expressions).made if into is None else lambda row: into(*row)
        self._compiled = _Compiled(sql, tuple(parameters), converted), make
        return self._compiled


def _part(info: dict[str, Any], expressions: list[Any]) -> _Part:
    columns = tuple(info["select_fields"])
    return _Part(
        model=info["model"],
        columns=columns,
        names=tuple(expressions[at].target.attname for at in columns),
        related=tuple(
            (_part(other, expressions), other["local_setter"], other["remote_setter"])
            for other in info.get("related_klass_infos", [])
        ),
    )


class Change:
    """An update of a queryset to values with blanks, done with other ones each time."""

    def __init__(self, queryset: Callable[[], QuerySet[Any]], **values: Any) -> None:
        self._queryset, self._values = queryset, values
        self._compiled: _Compiled | None = None

    def do(self, **given: Any) -> int:
        """Returns how many rows changed."""
        compiled = self._compiled or self._compile()
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            compiled.run(cursor, given)
            return int(cursor.rowcount)

    def _compile(self) -> _Compiled:
        query: Any = self._queryset().query.chain(UpdateQuery)
        query.add_update_values(self._values)
        sql, parameters = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
        self._compiled = _Compiled(sql, tuple(parameters))
        return self._compiled


class Addition(Generic[M]):
    """A new row of a table, with every column given."""

    def __init__(self, model: type[M]) -> None:
        self._model = model

    def add(self, made: M) -> None:
        connection, fields = connections[DEFAULT_DB_ALIAS], self._model._meta.concrete_fields
        quoted = connection.ops.quote_name
        columns = ", ".join(quoted(str(field.column)) for field in fields)
        places = ", ".join(["%s"] * len(fields))
        # Only our own names are put together here; every value is a parameter.
        sql = f"INSERT INTO {quoted(self._model._meta.db_table)} ({columns}) VALUES ({places})"  # nosec B608
        with connection.cursor() as cursor:
            cursor.execute(sql, [field.get_db_prep_save(getattr(made, field.attname), connection) for field in fields])
