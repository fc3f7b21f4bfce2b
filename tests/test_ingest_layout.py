"""Lines of a printed page become what the eye takes them for."""

from __future__ import annotations

from collections import Counter

from ingest.readers.layout import Line, Piece, arranged, clean_line, lines_of, piece

UPRIGHT = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
FULL = "Studenten die zich verbonden voelen met hun opleiding blijven"


def column(*lines: str, left: float = 70, top: float = 700, step: float = 12, size: float = 10) -> list[Line]:
    """Lines below each other; each leading blank indents by 5 points."""
    return [
        Line(line.strip(), left + 5 * (len(line) - len(line.lstrip())), top - index * step, size)
        for index, line in enumerate(lines)
    ]


def text_of(*lines: Line, slide: bool = False) -> str:
    return arranged(lines, Counter(), slide=slide)


def test_pieces_on_a_line_are_one_line_with_the_place_of_the_first_and_the_size_of_the_longest() -> None:
    pieces = [Piece("Binding", 70, 700, 10), Piece("1", 110, 704, 6), Piece(" telt \nMeer", 115, 700, 10)]
    assert lines_of(pieces) == [Line("Binding¹ telt", 70, 700, 10, True), Line("Meer", 115, 700, 10, False)]


def test_the_lines_of_a_paragraph_are_one_line() -> None:
    lines = column(FULL, "vaker. Wie zich gezien weet, durft te vragen. Dat helpt ook in", "de lastige eerste weken.")
    assert text_of(*lines) == " ".join(line.text for line in lines)


def test_a_wider_gap_begins_a_block() -> None:
    above = column(FULL, "langer.")
    below = column(FULL, "graag.", top=700 - 12 - 20)
    assert text_of(*above, *below) == f"{FULL} langer.\n\n{FULL} graag."


def test_another_size_of_type_begins_a_block() -> None:
    heading = column("Inleiding", size=14)
    assert text_of(*heading, *column(FULL, "langer.", top=684)) == f"Inleiding\n\n{FULL} langer."


def test_the_top_of_a_second_column_begins_a_block() -> None:
    left = column(FULL, "en komen verder omdat de groep hen draagt wanneer het even", "tegenzit.")
    right = column(FULL, "langer.", left=320)
    assert text_of(*left, *right).split("\n\n") == [" ".join(line.text for line in left), f"{FULL} langer."]


def test_a_sentence_goes_on_at_the_top_of_the_next_column() -> None:
    left = column(FULL, "vaker. Wie zich gezien weet, durft te vragen en durft ook")
    right = column("fouten te maken.", left=320)
    assert text_of(*left, *right).endswith("durft ook fouten te maken.")


def test_cells_side_by_side_are_a_row_and_one_pair_alone_is_none() -> None:
    def row(y: float, *cells: str) -> list[Line]:
        return [Line(text, 70 + 150 * index, y, 10) for index, text in enumerate(cells)]

    table = [*row(700, "Tijd", "Wat", "Wie"), *row(680, "15:00", "Welkom", "Jan")]
    assert text_of(*table) == "Tijd | Wat | Wie\n15:00 | Welkom | Jan"
    tall = [
        Line("15:30", 70, 650, 10),
        Line("Een vraag voor", 220, 656, 10),
        Line("de chat", 220, 644, 10),
        Line("Femke", 370, 650, 10),
    ]
    assert text_of(*table, *tall).split("\n")[-1] == "15:30 | Een vraag voor de chat | Femke"
    assert text_of(*row(700, "Hogeschool", "2023")) == "Hogeschool\n2023"


def test_an_indented_line_begins_a_paragraph() -> None:
    lines = column(
        "   " + FULL, "langer bij hun opleiding en halen vaker hun diploma dan anderen.", "   " + FULL, "vaker."
    )
    assert [line.split()[-1] for line in text_of(*lines).split("\n")] == ["anderen.", "vaker."]


def test_an_entry_of_a_reference_list_is_one_line_and_its_hanging_lines_go_with_it() -> None:
    lines = column(
        "Bandura, A. (1994). Self-efficacy. In V. S. Ramachaudran (Ed.),",
        "    Encyclopedia of human behavior (Vol. 4, pp. 71–81).",
        "    Academic Press.",
        "Ministerie van OCW. (2023). Kamerbrief.",
        "Tinto, V. (1993). Leaving college: Rethinking the causes and",
        "    cures of student attrition. University of Chicago Press.",
    )
    assert [line.split()[0] for line in text_of(*lines).split("\n")] == ["Bandura,", "Ministerie", "Tinto,"]


def test_entries_without_hanging_lines_keep_their_starts() -> None:
    lines = column(
        "Bandura, A. (1994). Self-efficacy. In V. S. Ramachaudran (Ed.), Encyclopedia of",
        "human behavior (Vol. 4, pp. 71–81). Academic Press, New York, United States.",
        "Ministerie van OCW. (2023). Kamerbrief over het welzijn van studenten in het hbo.",
        "Tinto, V. (1993). Leaving college: Rethinking the causes and cures. Chicago Press.",
    )
    assert [line.split()[0] for line in text_of(*lines).split("\n")] == ["Bandura,", "Ministerie", "Tinto,"]


def test_a_bullet_begins_an_item_and_what_stands_under_its_text_goes_with_it() -> None:
    lines = column(
        "• Een punt dat lang genoeg is om verder te lopen op een volgende", "  Regel", "• Kort", "• Ook kort"
    )
    assert text_of(*lines).split("\n")[0].endswith("volgende Regel")
    assert text_of(*lines, slide=True).count("\n") == 2


def test_on_a_slide_lines_stay_lines_unless_a_program_wrapped_them() -> None:
    lines = column("Welzijn", "Binding", "Succes", size=24, step=28)
    assert text_of(*lines, slide=True) == "Welzijn\nBinding\nSucces"
    wrapped = [Line("De eerste honderd", 70, 700, 24, True), Line("Dagen", 70, 672, 24), Line("Slot", 70, 644, 24)]
    assert text_of(*wrapped, slide=True) == "De eerste honderd Dagen\nSlot"


def test_every_word_of_the_lines_is_in_the_text_in_order() -> None:
    lines = [*column(FULL, "a-", "b", ""), *column("• x", "  y", top=500), *column("Z", top=900, size=30)]
    assert (
        text_of(*lines).replace("a-b", "a- b").replace("ab", "a- b").split()
        == " ".join(line.text for line in lines).split()
    )


def test_a_piece_stands_where_both_matrices_put_it() -> None:
    scaled = (2.0, 0.0, 0.0, 2.0, 5.0, 7.0)
    assert piece("a", scaled, (1.0, 0.0, 0.0, 1.0, 10.0, 20.0), 12) == Piece("a", 25.0, 47.0, 24.0)


def test_text_that_runs_askew_has_no_place_unless_its_page_is_turned_as_well() -> None:
    upwards = (0.0, 1.0, -1.0, 0.0, 300.0, 100.0)
    assert piece("a", UPRIGHT, upwards, 12) is None
    assert piece("a", UPRIGHT, upwards, 12, turned=90) == Piece("a", 100.0, -300.0, 12.0)


def test_a_matrix_of_nonsense_has_no_place() -> None:
    assert piece("a", UPRIGHT, (1.0, 0.0, 0.0, 1.0, float("nan"), 0.0), 12) is None
    assert piece("a", UPRIGHT, (1.0, 0.0), 12) is None


def test_an_accent_before_its_letter_is_put_on_it_and_an_apostrophe_stays() -> None:
    assert clean_line("na¨ıve caf´e G¨odel") == "naïve café Gödel"
    assert clean_line("foto´s, zo´n en ¨een¨") == "foto´s, zo´n en ¨een¨"


def test_a_bullet_that_pypdf_lost_is_a_bullet() -> None:
    assert clean_line("\x7f punt") == "• punt"
