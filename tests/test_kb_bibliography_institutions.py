"""Institutions are known by all their names: those of a list, and those that a text introduces."""

from __future__ import annotations

from collections import Counter

import pytest

from kb.bibliography.institutions import learnt, other_wordings, shipped


def test_each_name_of_the_list_is_of_one_institution() -> None:
    names = Counter(name for row in shipped() for name in row)
    assert [name for name, count in names.items() if count > 1 or not name] == []
    assert all(len(row) > 1 for row in shipped())


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("Het Ministerie van Onderwijs, Cultuur en Wetenschap (OCW) schrijft",
         [("ocw", "ministerie van onderwijs cultuur en wetenschap")]),
        ("volgens de Stichting Kust en Dijk (SKD)", [("skd", "stichting kust en dijk")]),
        ("KVM (Kenniscentrum voor Verkeer en Mobiliteit)", [("kvm", "kenniscentrum voor verkeer en mobiliteit")]),
        ("de kust (SKD) en de Dijk (Figuur)", []),
        ("(Sol, 2014)", []),
    ],
)  # fmt: skip
def test_a_text_introduces_an_institution_by_its_initials(text: str, rows: list[tuple[str, str]]) -> None:
    assert list(learnt(text)) == rows


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("CBS 2019", ["centraal bureau voor de statistiek 2019", "statistics netherlands 2019"]),
        ("Ministerie van OCW",
         ["ocw", "ministerie van onderwijs cultuur en wetenschap", "ministry of education culture and science"]),
        ("skd", ["stichting kust en dijk"]),
        ("bureau", []),
    ],
)  # fmt: skip
def test_a_name_is_replaced_by_the_others_of_its_institution(text: str, others: list[str]) -> None:
    assert other_wordings(text, [("skd", "stichting kust en dijk")]) == others
