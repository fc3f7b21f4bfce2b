"""A deck walks in: bytes become pages, pages become passages, citations and references, and the catalogue keeps them."""
