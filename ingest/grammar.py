"""Grammar shared by reference lists and citations: names, initials, years and bullets as they are printed.

Each constant is the text of a regular expression, to be put together into larger ones. None of them gives back what it has
matched where that could only be matched in another way (possessive quantifiers), so that patterns of several names stay
linear in the length of the text.
"""

from __future__ import annotations

import re

CAPITALS = "".join(chr(c) for c in range(0x41, 0x250) if chr(c).isupper())
SMALL_LETTERS = "".join(chr(c) for c in range(0x61, 0x250) if chr(c).islower())
UPPER, LOWER = f"[{CAPITALS}]", f"[{SMALL_LETTERS}]"
_LETTER = f"[{SMALL_LETTERS}{CAPITALS}]"
WORD = rf"(?:[dlDL]['’])?{UPPER}[{SMALL_LETTERS}{CAPITALS}'’*]*+(?:[-‐‑]{_LETTER}[{SMALL_LETTERS}{CAPITALS}'’]*+)*+"
"""A capitalised word as family names are made of: `McDaniel`, `Winter-Collins`, `O'Kane`, `d'Arcy`."""
PARTICLE = (
    r"(?:[Vv]an|[Vv]on|[Dd]e|[Dd]er|[Dd]en|[Hh]et|['’][tT]|[Tt]er|[Tt]en|[Tt]e|[Ll]a|[Ll]e|[Ll]es|[Dd]u|[Dd]es"
    r"|[Dd]i|[Dd]a"
    r"|[Dd]o[ns]?|[Dd]os|[Dd]el|[Dd]ella|[Ee]l|[Aa]l|[Ii]bn|[Bb]in|[Zz]u[mr]?|[Vv]om|[Aa]f|[Aa]v|op|in)"
)
YEAR = r"(?:1[4-9]\d\d|20\d\d)"
NO_DATE = r"(?:[nNzZ]\.\s?[dD]\.|[Ii]n press|[Ii]n druk|[Tt]er perse|[Ff]orthcoming|[Tt]e verschijnen)"
INITIALS = rf"{UPPER}{LOWER}?{LOWER}?\.(?:[\s-]*{UPPER}{LOWER}?\.)*"
BULLET = re.compile(r"^[\s•●▪‣◦·∙*–—\-\uf0b7\uf0a7>]*?(?=[^\s•●▪‣◦·∙*–—\-\uf0b7\uf0a7>])")
"""Signs before the first letter of a line of a list."""
