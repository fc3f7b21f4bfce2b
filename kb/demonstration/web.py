"""HTML: a paper as one plain page, with a language, a title and an author in its head."""

from html import escape
from itertools import groupby

from kb.demonstration.source import Block, Source, runs

PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<title>{title}</title>
<meta name="author" content="{author}">
<meta name="date" content="{date}">
<style>
body {{ font: 1.05rem/1.6 Georgia, serif; max-width: 42rem; margin: 2rem auto; padding: 0 1rem; color: #1d2433 }}
h1, h2 {{ font-family: Arial, sans-serif; line-height: 1.25 }}
table {{ border-collapse: collapse }} th, td {{ border: 1px solid #999; padding: .3rem .6rem; text-align: left }}
.references p {{ padding-left: 2rem; text-indent: -2rem }}
</style>
</head>
<body>
<article>
<h1>{title}</h1>
<p class="byline">{author} · {date}</p>
{body}
</article>
</body>
</html>
"""

GROUPS = {"bullet": "ul", "entry": 'div class="references"', "table": "table"}


def paper(source: Source) -> bytes:
    """A paper as an HTML page in UTF-8."""
    parts = []
    for slide in source.slides:
        if slide.look != "title":
            parts.append(f"<h2>{_inline(slide.title)}</h2>")
        for kind, group in groupby(slide.blocks, key=lambda block: block.kind):
            lines = [_block(block) for block in group]
            if kind in GROUPS:
                lines = [f"<{GROUPS[kind]}>", *lines, f"</{GROUPS[kind].split()[0]}>"]
            parts.extend(lines)
    head = {name: escape(source.header[name]) for name in ("language", "title", "author", "date")}
    return PAGE.format(**head, body="\n".join(parts)).encode()


def _block(block: Block) -> str:
    text = _inline(block.lines[0])
    if block.kind == "bullet":
        return f"<li>{text}</li>"
    if block.kind == "statement":
        return f"<blockquote><p>{text}</p></blockquote>"
    if block.kind == "table":
        rows = []
        for index, row in enumerate(block.rows):
            tag = "td" if index else "th"
            rows.append("<tr>" + "".join(f"<{tag}>{_inline(cell)}</{tag}>" for cell in row) + "</tr>")
        return "\n".join(rows)
    return f"<p>{text}</p>"


def _inline(text: str) -> str:
    return "".join(f"<em>{escape(piece)}</em>" if italic else escape(piece) for piece, italic in runs(text))
