"""Works are found by the other names of institutions, by names with other blanks, and near a typing error."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from kb.bootstrap import KnowledgeBase, open_knowledge_base
from kb.cli import main
from kb.settings import Settings
from tests.shelf import keys, take_in

REPORT = """# Over de kust

De Stichting Kust en Dijk (SKD) telt de dijken elk jaar. Wie de tellingen leest, ziet een langzame verandering.

## Bronnen

Stichting Kust en Dijk. (2019). *Staat van de dijken*. SKD.

Ministerie van Onderwijs, Cultuur en Wetenschap. (2020). *Brief over het eerste jaar*. Rijksoverheid.

CBS. (2021). *Studenten in cijfers*. CBS.

van der Goot, K. (2018). *Wie wordt gemist*. Boom.

Csikszentmihalyi, M. (1990). *Flow*. Harper.
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    folder = tmp_path_factory.mktemp("finding")
    (folder / "kust.md").write_text(REPORT, encoding="utf-8")
    opened = open_knowledge_base(Settings(home=folder / "home"))
    take_in(opened, folder / "kust.md")
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("OCW", ["2020"]),
        ("Ministerie van OCW", ["2020"]),
        ("Ministry of Education, Culture and Science", ["2020"]),
        ("Centraal Bureau voor de Statistiek", ["2021"]),
        ("SKD", ["2019"]),
        ("skd 2018", []),
        ("Sociaal en Cultureel Planbureau", []),
    ],
)
def test_an_institution_is_found_by_all_its_names(base: KnowledgeBase, text: str, years: list[str]) -> None:
    assert [key[-4:] for key in keys(base, text=text)] == years
    assert base.reference_count(text=text) == len(years)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("vandergoot", "van der goot"),
        ("vander Goot 2018", "van der goot 2018"),
        ("Csikszentmihaly flow", None),
        ("Csikzentmihalyi", "Csikszentmihalyi"),
        ("Csikzentmihalyi 1990", "Csikszentmihalyi 1990"),
        ("Csikzentmihalyi 1991", None),
        ("xyzzy", None),
    ],
)
def test_a_name_with_other_blanks_or_letters_leads_to_the_work(
    base: KnowledgeBase, text: str, meant: str | None
) -> None:
    assert base.references_meant(text) == meant


def test_the_command_offers_what_was_meant(base: KnowledgeBase) -> None:
    result = CliRunner().invoke(main, ["references", "vandergoot"], env={"KB_HOME": str(base.settings.home)})
    assert result.stderr.splitlines() == ["Did you mean: van der goot", "No references found."]
