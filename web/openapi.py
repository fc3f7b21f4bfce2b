"""The description of the HTTP door, OpenAPI 3.1: written by hand and held to the real answers by the tests."""

from __future__ import annotations

from typing import Any, get_args

from kb import __doc__ as what_it_is
from kb.conditions import RemarkCode
from kb.exports import FORMATS
from kb.facets import FACETS
from kb.model import KINDS, LANGUAGES
from kb.outcomes import Origin, Status
from web.citing import MEDIA
from web.knowledge import ONLY

Schema = dict[str, Any]


def thing(**properties: Schema) -> Schema:
    """An object with these properties, all of them and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def sometimes(of: Schema, **properties: Schema) -> Schema:
    """The same object, which may have these properties too."""
    return {**of, "properties": {**of["properties"], **properties}}


def listed(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def named(schema: str) -> Schema:
    return {"$ref": f"#/components/schemas/{schema}"}


TEXT: Schema = {"type": "string"}
MAYBE: Schema = {"type": ["string", "null"]}
COUNT: Schema = {"type": "integer", "minimum": 0}
ORDINAL: Schema = {"type": "integer", "minimum": 1}
YES_NO: Schema = {"type": "boolean"}
YEAR: Schema = {"type": ["integer", "null"]}
KIND: Schema = {"enum": list(KINDS)}
LANGUAGE: Schema = {"enum": [*LANGUAGES, None]}
ADDRESS: Schema = {"type": "string", "format": "uri-reference"}

NOTES: Schema = {
    "const": "notes",
    "description": "Present when the text is in the speaker notes, not on the slide.",
}

RECOGNISED: Schema = {
    "const": "recognised",
    "description": "Present when the text was read off a picture by text recognition, and may have mistakes.",
}

REMARKS: Schema = {
    **listed(thing(code={"enum": list(get_args(RemarkCode))}, part=TEXT)),
    "description": "Present when a part of the query was not understood.",
}

FACET_COUNTS = {
    **thing(
        **{facet: listed(thing(value={"type": ["string", "integer", "boolean"]}, count=COUNT)) for facet in FACETS}
    ),
    "description": "For each filter its values, most hits first, each with the number of hits that choosing it leaves.",
}

HIT: dict[str, Schema] = {
    "rank": ORDINAL,
    "score": {"type": "number", "description": "Higher is better; comparable within one answer only."},
    "passage": ORDINAL,
    "text": {**TEXT, "description": "Stands, character for character, in the page's text or in its notes."},
    "start": {**COUNT, "description": "In Unicode code points from the start of that text."},
    "end": COUNT,
    "document": thing(id=ORDINAL, title=TEXT, kind=KIND, filename=TEXT, language=LANGUAGE),
    "page": thing(
        number={**ORDINAL, "description": "Counted from 1."},
        label={**TEXT, "description": "As printed; empty when nothing is."},
        title=MAYBE,
    ),
    "citations": listed(thing(text=TEXT, reference={**MAYBE, "description": "Key of the reference it is linked to."})),
    "url": ADDRESS,
}
SUMMARY: dict[str, Schema] = {
    "id": {**ORDINAL, "description": "Never used again for another document."},
    "title": TEXT,
    "kind": KIND,
    "filename": TEXT,
    "language": LANGUAGE,
    "authors": listed(TEXT),
    "year": YEAR,
    "date": {**MAYBE, "description": "ISO 8601, as far as it is known."},
    "pages": COUNT,
    "passages": COUNT,
    "citations": COUNT,
    "references": COUNT,
    "added": TEXT,
    "files": listed(thing(filename=TEXT, sha256=TEXT, media_type=TEXT, size={**COUNT, "description": "Bytes."})),
    "url": ADDRESS,
}
PAGE = thing(
    number=ORDINAL,
    label=TEXT,
    title=MAYBE,
    section=MAYBE,
    text=TEXT,
    notes={**TEXT, "description": "Speaker notes; not part of the text."},
    hidden=YES_NO,
    language=LANGUAGE,
    problem={
        **MAYBE,
        "description": "Why there is no text: needs-ocr, picture, or failed: the reason; or why it is doubtful: letters-lost,"
        " recognised.",
    },
    url=ADDRESS,
)
JOB = thing(
    id=ORDINAL,
    origin={"enum": [*get_args(Origin)]},
    filename=TEXT,
    size={**COUNT, "description": "Bytes."},
    state={"enum": ["waiting", "running", "done"]},
    added=TEXT,
    replaces={"type": ["integer", "null"], "description": "Id of the document of which it is a new version."},
    status={"enum": [*get_args(Status), None], "description": "The outcome, once it is done."},
    reason=TEXT,
    document={"type": ["integer", "null"], "description": "Id of the document that it became part of."},
    url=ADDRESS,
)
SCHEMAS: dict[str, Schema] = {
    "Hit": sometimes(thing(**HIT), field=NOTES, problem=RECOGNISED),
    "Search": sometimes(
        thing(
            query=TEXT,
            took_ms={"type": "number", "description": "Milliseconds."},
            total={**COUNT, "description": "All hits, of which the first are listed."},
            complete={**YES_NO, "description": "False where there are more hits than the total, and than each count."},
            facets=FACET_COUNTS,
            hits=listed(named("Hit")),
        ),
        not_understood=REMARKS,
    ),
    "Source": sometimes(thing(number=ORDINAL, **HIT), field=NOTES, problem=RECOGNISED),
    "Ask": sometimes(
        thing(
            query=TEXT,
            answered=YES_NO,
            sentences=listed(thing(text=TEXT, source={**ORDINAL, "description": "Number of its source."})),
            sources=listed(named("Source")),
            closest={
                **listed(named("Hit")),
                "description": "Where nothing answers: at most three passages that come nearest.",
            },
        ),
        not_understood=REMARKS,
    ),
    "DocumentSummary": thing(**SUMMARY),
    "Documents": thing(documents=listed(named("DocumentSummary"))),
    "Document": thing(**{**SUMMARY, "pages": listed(named("Page"))}),
    "Page": PAGE,
    "Reference": thing(
        key=TEXT,
        authors=listed(TEXT),
        year=YEAR,
        title=MAYBE,
        csl={"type": "object", "description": "A CSL-JSON item; empty when the entry was not understood."},
        in_knowledge_base=YES_NO,
        document={"type": ["integer", "null"], "description": "Id of the document that is this work."},
        cited_by=listed(thing(document=ORDINAL, page=ORDINAL, text=TEXT, url=ADDRESS)),
    ),
    "References": thing(references=listed(named("Reference"))),
    "Job": JOB,
    "Jobs": thing(jobs=listed(named("Job"))),
    "Health": thing(status=TEXT),
    "Readiness": thing(status=TEXT, checks={"type": "object", "additionalProperties": {"type": ["boolean", "string"]}}),
    "Problem": {
        "type": "object",
        "properties": {
            "type": ADDRESS,
            "title": TEXT,
            "status": {"type": "integer"},
            "detail": TEXT,
            "instance": ADDRESS,
            "removed": {**TEXT, "description": "Title of the document that was here."},
        },
        "required": ["type", "title", "status", "detail", "instance"],
        "additionalProperties": False,
    },
}


def asked(name: str, schema: Schema, about: str = "", *, required: bool = False) -> Schema:
    return {"name": name, "in": "query", "required": required, "description": about, "schema": schema}


def held(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def answers(schema: str, *problems: str, files: bool = False) -> Schema:
    """200 with this shape (or, where `files`, as one of them), and the problems it may have instead."""
    meanings = {
        "400": "A parameter that makes no sense",
        "404": "No such thing",
        "410": "It was removed",
        "401": "The token of the deployment is needed",
        "403": "Not allowed from there",
        "413": "Too large",
        "422": "Not a file that can be taken in",
        "503": "The knowledge base is not available",
    }
    shapes = {
        "application/json": {"schema": named(schema)},
        **({media: {} for media, _ in MEDIA.values()} if files else {}),
    }
    sound = {"200": {"description": "As asked", "content": shapes}}
    content = {"application/problem+json": {"schema": named("Problem")}}
    return {
        **(sound if schema else {}),
        **{code: {"description": meanings[code], "content": content} for code in problems},
    }


UPLOAD: Schema = {
    "type": "object",
    "properties": {
        "file": listed({"type": "string", "format": "binary"}),
        "kind": {**KIND, "description": "Guessed when it is left out."},
        "replaces": {**ORDINAL, "description": "Id of the document of which the one file is a new version."},
        "password": {**TEXT, "description": "Opens the file; not kept."},
    },
    "required": ["file"],
}
WRITING = (
    'What a person asks, in Dutch or English. "A phrase" is in each hit word for word, a -word in none; author:name, kind:deck,'
    " year:2021 and year:2019..2023 confine the documents."
)
QUERY = [
    asked("q", {**TEXT, "maxLength": 1000}, WRITING, required=True),
    asked("kind", KIND),
    asked("language", {"enum": list(LANGUAGES)}, "Language of the documents"),
    asked("year", {"type": "integer", "minimum": 1000, "maximum": 2999}),
    asked("document", ORDINAL, "Id of the one document to look in"),
    asked("author", {**TEXT, "maxLength": 1000}, "An author or speaker, as written in the document"),
    asked("cites", {"enum": ["1"]}, "Only pages that cite a work"),
]
AS_FILE = asked("format", {"enum": list(FORMATS)}, "As a file for a reference manager")


def description() -> Schema:
    """The whole document."""

    def get(about: str, parameters: list[Schema], responses: Schema) -> Schema:
        return {"get": {"summary": about, "parameters": parameters, "responses": responses}}

    return {
        "openapi": "3.1.0",
        "info": {"title": "kb", "version": "1", "description": (what_it_is or "").strip()},
        "paths": {
            "/api/search": get(
                "Passages for a query, best first",
                [*QUERY, asked("n", {"type": "integer", "minimum": 1, "maximum": 100, "default": 10}, "How many")],
                answers("Search", "400", "503"),
            ),
            "/api/ask": get("Sentences that answer a query, each with its source", QUERY, answers("Ask", "400", "503")),
            "/api/documents": {
                **get("What is in the knowledge base", [asked("kind", KIND)], answers("Documents", "400", "503")),
                "post": {
                    "summary": "Add files: from this machine, or with the token of the deployment",
                    "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": UPLOAD}}},
                    "responses": {
                        "202": {
                            "description": "Kept, and soon taken in: see the jobs",
                            "content": {"application/json": {"schema": named("Jobs")}},
                        },
                        **answers("", "400", "401", "403", "404", "410", "413", "422"),
                    },
                },
            },
            "/api/jobs": get(
                "The latest uploads, newest first",
                [asked("n", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}, "How many")],
                answers("Jobs", "400", "401", "403"),
            ),
            "/api/jobs/{id}": {
                **get("One upload and its outcome", [held("id", ORDINAL)], answers("Job", "401", "403", "404")),
            },
            "/api/documents/{id}": get(
                "One document with its pages", [held("id", ORDINAL)], answers("Document", "404", "410", "503")
            ),
            "/api/references": get(
                "Cited works, with the places that cite them",
                [
                    asked("q", TEXT, "Words of author, title or year"),
                    asked("document", ORDINAL, "Id of the one document that cites"),
                    asked("only", {"enum": list(ONLY)}),
                    asked("sort", {"enum": ["author", "year", "title", "cited"]}),
                    AS_FILE,
                ],
                answers("References", "400", "404", "410", "503", files=True),
            ),
            "/api/references/{key}": get(
                "One cited work",
                [held("key", TEXT), AS_FILE],
                answers("Reference", "400", "404", "503", files=True),
            ),
            "/healthz": get("The process lives", [], answers("Health")),
            "/readyz": {
                "get": {
                    "summary": "Catalogue, vectors and encoder agree",
                    "responses": {
                        code: {"description": what, "content": {"application/json": {"schema": named("Readiness")}}}
                        for code, what in (("200", "They do"), ("503", "They do not"))
                    },
                }
            },
        },
        "components": {"schemas": SCHEMAS},
    }
