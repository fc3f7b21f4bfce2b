"""What a format says that an item does not: kept beside the item, so that going out again loses nothing.

    record ─► item          + what the item cannot say back     (take in: `left_over`)
    item   ─► record        + what was left over, where it still says what the item says     (give out: `restored`)

A record's own spelling (`journaltitle` for `journal`, `{DNA}` for `DNA`) comes back as long as it still means the same.
Once the item has been corrected, the correction goes out and the old spelling does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

Value = TypeVar("Value")
Fields = Mapping[str, Value]


def left_over(fields: Fields[Value], derived: Fields[Value]) -> dict[str, Any]:
    """The fields that `derived` (the item said back) lacks or says otherwise, and the names it says too many."""
    kept = {name: value for name, value in fields.items() if derived.get(name) != value}
    extra = [name for name in derived if name not in fields]
    return {**({"fields": kept} if kept else {}), **({"without": extra} if extra else {})}


def restored(
    derived: Fields[Value], left: Mapping[str, Any], said: Callable[[Fields[Value]], object]
) -> dict[str, Value]:
    """`derived` with what was left over, as far as both mean the same; `said` gives a record's meaning."""
    fields = dict(derived)
    meaning = said(fields)
    kept = left.get("fields")
    if isinstance(kept, Mapping):
        tried = {**fields, **kept}
        tried = {name: value for name, value in tried.items() if name not in left.get("without", ())}
        if said(tried) == meaning:
            return tried
        for name, value in kept.items():
            tried = {**fields, name: value}
            if said(tried) == meaning:
                fields = tried
    for name in left.get("without", ()):
        tried = {other: value for other, value in fields.items() if other != name}
        if said(tried) == meaning:
            fields = tried
    return fields
