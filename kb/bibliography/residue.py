"""The part of a record that an item cannot express: kept beside the item, so that an export loses nothing.

    record ─► item      + the fields that the item does not give back          (import: `left_over`)
    item   ─► record    + those fields, as long as the record means the same   (export: `restored`)

A record's own spelling (`journaltitle` for `journal`, `{DNA}` for `DNA`) comes back as long as it still means the same.
Once the item has been corrected, the correction is exported and the old spelling is not.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

Value = TypeVar("Value")
Fields = Mapping[str, Value]


def left_over(fields: Fields[Value], derived: Fields[Value]) -> dict[str, Any]:
    """The fields that `derived` (made from the item) lacks or has with another value, and the names that only it has."""
    kept = {name: value for name, value in fields.items() if derived.get(name) != value}
    extra = [name for name in derived if name not in fields]
    return {**({"fields": kept} if kept else {}), **({"without": extra} if extra else {})}


def restored(
    derived: Fields[Value], left: Mapping[str, Any], meaning: Callable[[Fields[Value]], object]
) -> dict[str, Value]:
    """`derived` with the fields that were left over, as far as the record keeps its meaning."""
    kept = left.get("fields")
    kept = kept if isinstance(kept, Mapping) else {}
    without = left.get("without", ())
    meant = meaning(derived)
    whole = _without({**derived, **kept}, without)
    if kept and meaning(whole) == meant:
        return whole
    fields = dict(derived)
    for name, value in kept.items():
        tried = {**fields, name: value}
        fields = tried if meaning(tried) == meant else fields
    for name in without:
        tried = _without(fields, (name,))
        fields = tried if meaning(tried) == meant else fields
    return fields


def _without(fields: Fields[Value], names: Collection[str]) -> dict[str, Value]:
    return {name: value for name, value in fields.items() if name not in names}
