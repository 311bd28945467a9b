"""Results as JSON and back: what is stored is without language, so that it can be told again in another one."""

from __future__ import annotations

import math
import types
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

_T = TypeVar("_T")


def to_json(thing: Any) -> Any:
    """Dataclasses as objects, tuples as lists, enums as their values; a number that is not finite becomes null."""
    if is_dataclass(thing) and not isinstance(thing, type):
        return {field.name: to_json(getattr(thing, field.name)) for field in fields(thing)}
    if isinstance(thing, (tuple, list)):
        return [to_json(part) for part in thing]
    if isinstance(thing, dict):
        return {key: to_json(value) for key, value in thing.items()}
    if isinstance(thing, Enum):
        return thing.value
    if isinstance(thing, float) and not math.isfinite(thing):
        return None
    return thing


def from_json(kind: type[_T], record: Any) -> _T:
    """A dataclass from what `to_json` made of it. Names it does not know are ignored: older records stay readable."""
    hints = get_type_hints(kind)
    names = {field.name for field in fields(cast(Any, kind))}
    return kind(**{name: _read(hints[name], value) for name, value in record.items() if name in names})


def _read(kind: Any, value: Any) -> Any:
    """One value of an annotated field."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return None if value is None else _read(next(part for part in inner if part is not types.NoneType), value)
    if origin is tuple:
        kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else inner
        return tuple(_read(part, item) for part, item in zip(kinds, value, strict=True))
    if is_dataclass(kind) and isinstance(kind, type):
        return from_json(kind, value)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    return math.nan if kind is float and value is None else value
