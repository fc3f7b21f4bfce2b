"""The judge of whole quotations finds those that are not."""

from __future__ import annotations

import pytest

from tests.wholeness import faults

TEXT = "Kop\n\n• Eerste punt\n• Tweede punt. En meer (zie hfst. 3).\nRij | Wo. 12:30 | dag\nEinde zonder punt"


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        ("Eerste punt", []),
        ("Tweede punt.", []),
        ("En meer (zie hfst. 3).", []),
        ("Rij | Wo. 12:30 | dag", []),
        ("Einde zonder punt", []),
        ("Tweede", ["ends inside a sentence"]),
        ("punt. En meer (zie hfst. 3).", ["starts inside a sentence"]),
        ("En meer (zie hfst.", ["ends at an abbreviation"]),
        ("Rij | Wo.", ["ends at an abbreviation"]),
        ("12:30 | dag", []),
        ("meer (zie hfst. 3).", ["starts inside a sentence"]),
        ("zonder punt", ["starts inside a sentence"]),
    ],
)
def test_a_quotation_is_whole_or_named_as_cut(quote: str, expected: list[str]) -> None:
    start = TEXT.rindex(quote)
    assert faults(TEXT, start, start + len(quote)) == expected
