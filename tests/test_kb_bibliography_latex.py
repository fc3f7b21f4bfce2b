"""Text in TeX's commands becomes the characters that it prints."""

from __future__ import annotations

import pytest

from kb.bibliography import apa, from_bibtex, to_bibtex
from kb.bibliography.latex import decoded, encoded

PRINTED = [
    (r"Caf\'{e} Ko{\v c} D\'iaz {\l}\'{o}d\'z \c{c} \^{\i} \"{o} \u{g} \t{oo}", "Café Koč Díaz łódź ç î ö ğ o͡o"),
    (r"\mkbibquote{Over \mkbibquote{getij} en dijk}", "“Over ‘getij’ en dijk”"),
    (r"\enquote{Getij} ``en'' dijk", "“Getij” “en” dijk"),
    (r"H\textsubscript{2}O, 10\textsuperscript{-3} and the 21\textsuperscript{st} century", "H₂O, 10⁻³ and the 21st century"),
    (r"\ce{CO2} and $\mathrm{CO}_2$", "CO₂ and CO₂"),
    (r"$\alpha_1$ of $^{13}$C at 5$^\circ$C, $\sim$100 \(x^2\)", "α₁ of ¹³C at 5°C, ~100 x²"),
    (r"$\mathcal{O}(n \log n)$ for $k$-means with $p \leq .05$ and $\bar{x}$", "O(n log n) for k-means with p ≤ .05 and x̄"),
    (r"$\frac{1}{2}$ of $x_{max}$", "1/2 of xₘₐₓ"),
    (r"Signs of $q_{eff}$", "Signs of qeff"),
    (r"Between $5 and $10, or \$7", "Between $5 and $10, or $7"),
    (r"\textcolor{red}{Rood} \href{https://example.org/a_b}{of blauw} \emph{De motu} {\em nu}", "Rood of blauw De motu nu"),
    (r"A \& B \% \_ c\,d 1--2 Science \&amp; Art", "A & B % _ c d 1–2 Science & Art"),
    (r"\texorpdfstring{$\Lambda$CDM}{LCDM} \url{https://example.org/~a_b}", "LCDM https://example.org/~a_b"),
    (r"An \unknown word, an \unknown{argument}, \LaTeX{} files", r"An \unknown word, an argument, LaTeX files"),
    (r"{{{$\mu$SCOPE}}: {{A Methodology}}}", "μSCOPE: A Methodology"),
    (r"open {brace and $money", "open brace and $money"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "shown"), PRINTED, ids=[shown[:20] for _, shown in PRINTED])
def test_a_command_becomes_what_it_prints(written: str, shown: str) -> None:
    assert decoded(written) == shown
    assert decoded(encoded(shown)) == shown


def test_a_deep_nest_of_groups_ends() -> None:
    assert decoded("{" * 5000 + "x" + "}" * 5000) == "x"
    assert decoded(r"\textbf{" * 5000).count("textbf") < 5000
    assert decoded(r"$" + r"\bar^" * 5000 + "$").isprintable()


def test_an_entry_with_commands_is_shown_in_characters_and_leaves_as_it_came() -> None:
    source = (
        "@article{sol, title={\\mkbibquote{Tides} in H\\textsubscript{2}O at $10^{-3}$ bar}, "
        'author={Sol, J\\"urgen\\textsuperscript{a}}, journal={Coast \\& {Sea}}, year={2014}}\n'
    )
    (item,), problems = from_bibtex(source)
    assert problems == []
    assert apa(item, "en") == "Sol, J. (2014). “Tides” in H₂O at 10⁻³ bar. Coast & Sea."
    assert r"title = {\mkbibquote{Tides} in H\textsubscript{2}O at $10^{-3}$ bar}" in to_bibtex([item])


def test_an_address_in_howpublished_is_the_works() -> None:
    (item,), _ = from_bibtex(r"@misc{a, title={T}, howpublished={\href{https://example.org/a\_b}{Sea}}}")
    assert (item["URL"], item.get("medium")) == ("https://example.org/a_b", None)
