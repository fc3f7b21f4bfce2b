"""Tables of TeX: what a command prints, in Unicode."""

from __future__ import annotations

import unicodedata

_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lamda mu nu xi omicron pi rho sigma tau upsilon phi chi "
    "psi omega"
).split()


def _greek() -> dict[str, str]:
    """The Greek letters by command: `alpha`, `Alpha`, `upalpha`."""
    letters: dict[str, str] = {}
    for unicode_name in _GREEK:
        name = "lambda" if unicode_name == "lamda" else unicode_name
        small = unicodedata.lookup(f"GREEK SMALL LETTER {unicode_name.upper()}")
        capital = unicodedata.lookup(f"GREEK CAPITAL LETTER {unicode_name.upper()}")
        letters |= {name: small, name.capitalize(): capital, f"up{name}": small, f"text{name}": small}
        letters |= {f"var{name}": small, f"Var{name}": capital}
    return letters


COMMANDS = {
    **_greek(),
    # letters and marks of text
    "textbackslash": "\\", "textbraceleft": "{", "textbraceright": "}", "textasciitilde": "~", "textasciicircum": "^",
    "ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å",
    "dj": "đ", "DJ": "Đ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "ng": "ŋ", "NG": "Ŋ",
    "i": "i", "j": "j", "textendash": "–", "textemdash": "—", "ldots": "…", "dots": "…", "textellipsis": "…",
    "cdots": "⋯", "textquoteright": "’", "textquoteleft": "‘", "textquotedblleft": "“", "textquotedblright": "”",
    "textquotesingle": "'", "textquotedbl": '"', "quotedblbase": "„", "quotesinglbase": "‚", "lq": "‘", "rq": "’",
    "glqq": "„", "grqq": "“", "flqq": "«", "frqq": "»", "guillemotleft": "«", "guillemotright": "»", "guillemetleft": "«",
    "guillemetright": "»", "guilsinglleft": "‹", "guilsinglright": "›", "euro": "€", "texteuro": "€", "EUR": "€",
    "copyright": "©", "textcopyright": "©", "textregistered": "®", "texttrademark": "™", "S": "§", "textsection": "§",
    "P": "¶", "dag": "†", "ddag": "‡", "textdagger": "†", "textdaggerdbl": "‡", "pounds": "£", "textsterling": "£",
    "textyen": "¥", "textcent": "¢", "textdegree": "°", "degree": "°", "textbullet": "•", "textperiodcentered": "·",
    "textunderscore": "_", "textdollar": "$", "textless": "<", "textgreater": ">", "textbar": "|", "slash": "/",
    "textquestiondown": "¿", "textexclamdown": "¡", "textordfeminine": "ª", "textordmasculine": "º", "textmu": "µ",
    "textonehalf": "½", "textonequarter": "¼", "textthreequarters": "¾", "textmultiply": "×", "texttimes": "×",
    "thinspace": " ", "enspace": " ", "emspace": " ", "quad": " ", "qquad": " ", "space": " ", "newline": " ", "par": " ",
    "hyphen": "-", "nobreakdash": "", "allowbreak": "", "break": "", "linebreak": " ", "bibstring": "", "autocap": "",
    "LaTeX": "LaTeX", "TeX": "TeX", "LaTeXe": "LaTeX2e", "BibTeX": "BibTeX", "BibLaTeX": "BibLaTeX", "XeTeX": "XeTeX",
    "and": "and",
    # signs of mathematics
    "times": "×", "div": "÷", "pm": "±", "mp": "∓", "cdot": "·", "ast": "*", "star": "⋆", "circ": "°", "bullet": "•",
    "leq": "≤", "le": "≤", "leqslant": "≤", "geq": "≥", "ge": "≥", "geqslant": "≥", "neq": "≠", "ne": "≠", "ll": "≪",
    "gg": "≫", "approx": "≈", "sim": "~", "simeq": "≃", "cong": "≅", "equiv": "≡", "propto": "∝", "lesssim": "≲",
    "gtrsim": "≳", "to": "→", "rightarrow": "→", "longrightarrow": "⟶", "Rightarrow": "⇒", "leftarrow": "←",
    "gets": "←", "Leftarrow": "⇐", "leftrightarrow": "↔", "Leftrightarrow": "⇔", "uparrow": "↑", "downarrow": "↓",
    "mapsto": "↦", "textrightarrow": "→", "textleftarrow": "←", "infty": "∞", "partial": "∂", "nabla": "∇",
    "sum": "∑", "prod": "∏", "int": "∫", "in": "∈", "notin": "∉", "ni": "∋", "subset": "⊂", "subseteq": "⊆",
    "supset": "⊃", "supseteq": "⊇", "cup": "∪", "cap": "∩", "setminus": "∖", "emptyset": "∅", "forall": "∀",
    "exists": "∃", "neg": "¬", "lnot": "¬", "land": "∧", "wedge": "∧", "lor": "∨", "vee": "∨", "oplus": "⊕",
    "otimes": "⊗", "perp": "⊥", "parallel": "∥", "mid": "|", "vert": "|", "Vert": "‖", "langle": "⟨", "rangle": "⟩",
    "lbrace": "{", "rbrace": "}", "backslash": "\\", "prime": "′", "hbar": "ℏ", "ell": "ℓ", "Re": "ℜ", "Im": "ℑ",
    "aleph": "ℵ", "angle": "∠", "dagger": "†", "ddagger": "‡", "odot": "⊙", "sun": "☉", "lnapprox": "⪉",
    "checkmark": "✓", "Box": "□", "square": "□", "triangle": "△", "models": "⊨", "vdash": "⊢", "top": "⊤", "bot": "⊥",
    "colon": ":", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "imath": "ı", "jmath": "ȷ",
}  # fmt: skip
"""What a command without argument prints."""

DECLARATIONS = frozenset(
    """em it bf rm sc sf tt sl bfseries itshape rmfamily sffamily ttfamily scshape slshape upshape normalfont small large
    Large footnotesize scriptsize tiny normalsize protect relax unskip ignorespaces left right big Big bigg Bigg bigl bigr
    displaystyle textstyle limits nolimits null strut noopsort centering sloppy boldmath""".split()
)
"""Commands that change how the text behind them looks, and print nothing."""

FORMS = {
    "href": "{1}", "textcolor": "{1}", "colorbox": "{1}", "foreignlanguage": "{1}", "texorpdfstring": "{1}",
    "frac": "{0}/{1}", "tfrac": "{0}/{1}", "dfrac": "{0}/{1}", "nicefrac": "{0}/{1}", "sfrac": "{0}/{1}", "sqrt": "√{0}",
    "mkbibparens": "({0})", "parentext": "({0})", "mkbibbrackets": "[{0}]", "brackettext": "[{0}]", "SI": "{0} {1}",
    "qty": "{0} {1}", "footnote": "", "thanks": "", "index": "", "label": "", "vspace": "", "hspace": "", "cite": "",
    "citep": "", "citet": "", "SortNoop": "", "sortnoop": "", "noopsort": "", "noop": "", "switchargs": "{1}{0}",
    "raisebox": "{1}", "scalebox": "{1}", "hphantom": "", "phantom": "", "color": "", "selectlanguage": "",
    "scriptsize": "{0}", "bra": "⟨{0}|", "ket": "|{0}⟩", "abs": "|{0}|", "norm": "‖{0}‖",
}  # fmt: skip
"""What a command with arguments prints; a command that is not here prints its argument."""

QUOTES = frozenset({"enquote", "mkbibquote", "textquote", "foreignquote", "mkbibsinglequote"})
"""Commands that put their argument in quotation marks; a second pair inside is single."""

ACCENTS = {
    '"': "\u0308", "'": "\u0301", "`": "\u0300", "^": "\u0302", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "c": "\u0327", "v": "\u030c", "H": "\u030b", "u": "\u0306", "k": "\u0328", "r": "\u030a", "d": "\u0323", "b": "\u0331",
    "t": "\u0361", "bar": "\u0304", "hat": "\u0302", "tilde": "\u0303", "vec": "\u20d7", "dot": "\u0307",
    "ddot": "\u0308", "check": "\u030c", "breve": "\u0306", "acute": "\u0301", "grave": "\u0300", "overline": "\u0304",
    "widehat": "\u0302", "widetilde": "\u0303",
}  # fmt: skip
"""The combining character of an accent command."""

_SUPERSCRIPTS = dict(zip("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ", strict=True))
_SUBSCRIPTS = dict(zip("0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))


def superscript(text: str) -> str:
    """A text in superscript: in Unicode's characters where all of it has them, else as it is ("1st")."""
    return _raised(text, _SUPERSCRIPTS)


def subscript(text: str) -> str:
    """A text in subscript, in the same way."""
    return _raised(text, _SUBSCRIPTS)


def _raised(text: str, characters: dict[str, str]) -> str:
    return "".join(characters[sign] for sign in text) if all(sign in characters for sign in text) else text
