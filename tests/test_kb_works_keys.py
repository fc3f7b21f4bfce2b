"""Decisions of people, and keys that stay."""

from __future__ import annotations

from dataclasses import replace

from kb.catalogue.derivation import Material
from kb.works.gather import gather
from tests.works_material import answered, asked, cites, keys, linked, listed, paper, work


def letters() -> Material:
    a, b = (
        work("Vos, A.", 2026, said, **{"year-suffix": letter})
        for letter, said in (("a", "Rooms that answer back"), ("b", "Gardens of the north"))
    )
    cited = (cites(1, 1, "(Vos, 2026)", "Vos", year="2026"), cites(2, 1, "Vos (2026)", "Vos", year="2026", page=5))
    return Material((paper(1, "Lezing"),), {}, (listed(1, 1, a), listed(2, 1, b)), cited)


def test_one_answer_links_every_place_in_the_document_that_says_the_same() -> None:
    before = gather(letters())
    (question,) = [q for q in before.questions if q.candidate == "vos-2026b"]
    assert question.citations == (1, 2)
    ruled = replace(letters(), rulings=(answered(question, yes=True),), names=before.names)
    after = gather(ruled)
    assert linked(after) == {1: "vos-2026b", 2: "vos-2026b"}
    assert keys(after) == ["vos-2026a", "vos-2026b"]
    assert not after.questions
    assert after.redirects == {"vos-2026": "vos-2026b"}
    assert [(one.ruling, one.key, one.candidate, one.citations) for one in after.standing] == [
        (1, "vos-2026b", "vos-2026b", (1, 2))
    ]


def test_a_refused_candidate_is_not_asked_again_and_the_other_is() -> None:
    before = gather(letters())
    (question,) = [q for q in before.questions if q.candidate == "vos-2026b"]
    after = gather(replace(letters(), rulings=(answered(question, yes=False),), names=before.names))
    assert asked(after) == {("citation", "vos-2026", "vos-2026a")}


def test_an_answer_outlives_new_ids_and_sleeps_while_its_document_is_away() -> None:
    before = gather(letters())
    (question,) = [q for q in before.questions if q.candidate == "vos-2026b"]
    ruling = answered(question, yes=True)
    again = letters()
    moved = Material(
        (replace(again.documents[0], id=7),),
        {},
        tuple(replace(entry, id=entry.id + 50, document_id=7) for entry in again.entries),
        tuple(replace(citation, id=citation.id + 50, document_id=7) for citation in again.citations),
        (ruling,),
        before.names,
    )
    assert linked(gather(moved)) == {51: "vos-2026b", 52: "vos-2026b"}
    away = gather(Material(rulings=(ruling,), names=before.names))
    assert (away.works, away.standing, away.questions) == ((), (), ())


def test_what_a_person_joined_is_one_and_what_a_person_parted_is_two() -> None:
    pair = (
        listed(1, None, work("Vos, A.", 2001, "Rooms that answer back to whoever enters", DOI="10.1000/182")),
        listed(2, None, work("Vos, A.", 2001, "Gardens of the northern provinces", DOI="10.1000/182")),
    )
    before = gather(Material(entries=pair))
    (question,) = before.questions
    joined = gather(Material(entries=pair, rulings=(answered(question, yes=True),), names=before.names))
    assert keys(joined) == ["vos-2001"]
    assert joined.redirects == {"vos-2001a": "vos-2001"}
    parted = gather(Material(entries=pair, rulings=(answered(question, yes=False),), names=joined.names))
    assert (keys(parted), parted.questions) == (["vos-2001", "vos-2001a"], ())
    changed_mind = (answered(question, yes=True), answered(question, yes=False, number=2))
    assert keys(gather(Material(entries=pair, rulings=changed_mind, names=before.names))) == ["vos-2001", "vos-2001a"]


def test_keys_stay_with_their_works_whatever_comes_before_them() -> None:
    first = gather(Material(entries=(listed(1, None, work("Vos, A.", 2001, "Rooms that answer back")),)))
    assert keys(first) == ["vos-2001"]
    newcomer = listed(1, None, work("Vos, B.", 2001, "Gardens of the north", DOI="10.1/x", volume="3"))
    old = listed(2, None, work("Vos, A.", 2001, "Rooms that answer back"))
    second = gather(Material(entries=(newcomer, old), names=first.names))
    assert {work.key: work.csl["title"] for work in second.works} == {
        "vos-2001": "Rooms that answer back",
        "vos-2001a": "Gardens of the north",
    }


def test_works_that_are_printed_alike_keep_their_keys_when_derived_again() -> None:
    pair = (
        listed(
            1, None, work("Vos, A.", 2001, "Rooms that answer back", URL="https://kb.nl/a"), "Rooms that answer back"
        ),
        listed(
            2, None, work("Bos, B.", 2019, "Rooms that answer back", URL="https://kb.nl/a"), "Rooms that answer back"
        ),
    )
    first = gather(Material(entries=pair))
    before = {work.key: work.csl for work in first.works}
    again = gather(Material(entries=pair, names=first.names, before=before))
    assert {work.key: work.entries for work in first.works} == {"vos-2001": (1,), "bos-2019": (2,)}
    assert {work.key: work.entries for work in again.works} == {"vos-2001": (1,), "bos-2019": (2,)}


def test_a_key_of_a_work_that_is_gone_is_not_given_to_another_and_comes_back_with_it() -> None:
    rooms = listed(1, None, work("Vos, A.", 2001, "Rooms that answer back"))
    first = gather(Material(entries=(rooms,)))
    gone = gather(Material(entries=(listed(2, None, work("Vos, B.", 2001, "Gardens")),), names=first.names))
    assert keys(gone) == ["vos-2001a"]
    back = gather(Material(entries=(replace(rooms, id=9),), names=gone.names))
    assert keys(back) == ["vos-2001"]


def test_an_entry_that_was_corrected_keeps_its_key() -> None:
    wrong = work("Vos, A.", 2001, "Rooms that anwser back to whoever enters them")
    first = gather(Material(entries=(listed(1, 1, wrong, "Vos 2001 Rooms that anwser"),), documents=(paper(1),)))
    right = work("Vos, A.", 2001, "Rooms that answer back to whoever enters them")
    second = gather(
        Material(
            entries=(listed(2, 1, right, "Vos 2001 Rooms that answer"),),
            documents=(paper(1),),
            names=first.names,
            before={work.key: work.csl for work in first.works},
        )
    )
    assert keys(second) == ["vos-2001"]


def test_an_entry_of_which_nothing_was_understood_is_kept_as_printed() -> None:
    found = gather(
        Material(
            (paper(1), paper(2)), {}, (listed(1, 1, {}, "onleesbaar, deel 3"), listed(2, 2, {}, "Onleesbaar deel 3"))
        )
    )
    (only,) = found.works
    assert (only.key, only.csl, only.entries) == ("onleesbaar-deel-3", {}, (1, 2))


def test_the_order_in_which_things_came_in_does_not_change_what_is_one_work() -> None:
    csl = [
        work("Vos, A.", 2001, "Rooms that answer back", DOI="10.1/a"),
        work("Vos, A.", 2001, "Rooms that answer back"),
        work("Vos, A.", 2002, "Rooms that answer back", volume="3"),
        work("Bos, A.", 2002, "Gardens of the northern provinces and their people"),
        work("Bos, A.", 2002, "Gardens of the northern provinces and their peoples"),
    ]
    entries = [listed(at, None, one, f"raw {at}") for at, one in enumerate(csl, 1)]
    groups = {
        frozenset(frozenset(work.entries) for work in gather(Material(entries=tuple(order))).works)
        for order in (entries, entries[::-1], entries[2:] + entries[:2])
    }
    assert groups == {frozenset({frozenset({1, 2, 3}), frozenset({4, 5})})}
