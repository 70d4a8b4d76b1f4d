"""A day so many days after another, as each database says it."""

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, SQLColumnExpression, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _Later(FunctionElement[dt.date]):
    name = "days_after"
    type = Date()
    inherit_cache = True


def days_after(day: SQLColumnExpression[Any], days: int) -> ColumnElement[dt.date]:
    """The day `days` days after `day`; NULL of NULL."""
    return _Later(day, literal(days, Integer))


@compiles(_Later)
def _added(element: _Later, compiler: SQLCompiler, **given: Any) -> str:
    day, days = (compiler.process(one, **given) for one in element.clauses)
    return f"({day} + {days})"


@compiles(_Later, "sqlite")
def _by_function(element: _Later, compiler: SQLCompiler, **given: Any) -> str:
    """SQLite keeps days as texts: `2026-11-23`."""
    day, days = (compiler.process(one, **given) for one in element.clauses)
    return f"date({day}, {days} || ' days')"
