"""Cited works over the whole collection: one reference for each work, links from citations, and questions.

    entries, imported records, documents ─► items ─► clustering ─► clusters (works)
    citations ─► matching against the entries of their document, then against all works ─► linking ─► links
    clusters ─► keys                      possible matches that are not certain ─► questions ─► decisions

`gather` runs the whole derivation as one pure function; `decisions` turns a person's decision about a reference into a
stored decision; `crossref` looks a reference up at Crossref when a person asks for it.
"""
