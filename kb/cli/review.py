"""`kb review`: the questions that wait for a person, and the answers to them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from kb import reasons, versions
from kb.cli.documents import embed
from kb.cli.terminal import opened, print_error, print_json, with_json
from kb.errors import NotInKnowledgeBase
from kb.model import Decision, DecisionVerdict, Document, Doubt
from kb.versions import VersionAnswer, VersionQuestion

if TYPE_CHECKING:
    from kb.bootstrap import KnowledgeBase

VERDICTS: dict[str, DecisionVerdict] = {"yes": "confirm", "no": "refuse"}
WORDS: dict[DecisionVerdict, str] = {verdict: word for word, verdict in VERDICTS.items()}


@click.command()
@click.argument("question", required=False)
@click.argument("answer", type=click.Choice(list(VERDICTS)), required=False)
@click.option("--undo", metavar="ANSWER", help="Take an answer back, by its name in the list.")
@with_json
def review(question: str | None, answer: str | None, undo: str | None, as_json: bool) -> None:
    """List the questions that wait, and the answers; with QUESTION yes or no: answer one.

    Is a document a new version of another? With yes the newer replaces the older, which goes to the trash; with no both stay.
    Are two references one work? Every answer can be taken back.
    """
    if (question is None) != (answer is None) or (question is not None and undo is not None):
        raise click.UsageError("give QUESTION and yes or no, or --undo ANSWER, or nothing for the list")
    with opened() as knowledge_base:
        if question is not None and answer is not None:
            done = answered(knowledge_base, question, VERDICTS[answer])
        elif undo is not None:
            done = taken_back(knowledge_base, undo)
        else:
            show(knowledge_base, as_json)
            return
        embedded = embed(knowledge_base)
    if as_json:
        print_json(done)
    else:
        click.echo("\t".join(str(value) for value in done.values()))
    if not embedded:
        sys.exit(1)


def answered(knowledge_base: KnowledgeBase, question: str, verdict: DecisionVerdict) -> dict[str, Any]:
    """Answer a question; the name of the answer, by which it is taken back."""
    if "-" in question:
        return {"answer": f"v{knowledge_base.decide_version(question, verdict)}", "verdict": WORDS[verdict]}
    return {"answer": str(knowledge_base.decide(question, verdict)), "verdict": WORDS[verdict]}


def taken_back(knowledge_base: KnowledgeBase, name: str) -> dict[str, Any]:
    """Take an answer back, by its name. Raises NotInKnowledgeBase."""
    number = name.removeprefix("v")
    if not number.isascii() or not number.isdecimal():
        raise NotInKnowledgeBase(f"there is no answer {name}: kb review lists them")
    if number == name:
        knowledge_base.undo(int(number))
    elif not knowledge_base.undo_version(int(number)):
        print_error(
            "the documents stay as they are, for one of them has changed since: kb trash lists what can be brought back"
        )
    return {"answer": name, "verdict": "taken back"}


def show(knowledge_base: KnowledgeBase, as_json: bool) -> None:
    """Print the questions and the answers."""
    knowledge_base.relate()
    questions, doubts = knowledge_base.version_questions(), knowledge_base.doubts()
    answers, decisions = knowledge_base.version_answers(), knowledge_base.decisions()
    if as_json:
        asked = [*map(question_json, questions), *map(doubt_json, doubts)]
        print_json({"questions": asked, "answers": [*map(answer_json, answers), *map(decision_json, decisions)]})
        return
    for each in questions:
        asking = f"is {named(each.newer)} a new version of {named(each.older)}?"
        click.echo(f"{each.id}\t{asking}\t{versions.worded(each.resemblance)}")
    for doubt in doubts:
        click.echo(f"{doubt.id}\tis {doubt.reference.key} {other(doubt)}?\t{reasons.worded(doubt.reason)}")
    for answer in answers:
        titles = f"{answer.newer_title} (document {answer.newer}) for {answer.older_title} (document {answer.older})"
        click.echo(f"v{answer.id}\t{WORDS[answer.verdict]}\t{titles}\t{answer.made}")
    for decision in decisions:
        about = f"{decision.doubt.reference.key} = {other(decision.doubt)}"
        click.echo(f"{decision.id}\t{WORDS[decision.verdict]}\t{about}\t{decision.made}")
    if not questions and not doubts:
        click.echo("No question waits.", err=True)


def named(document: Document) -> str:
    """A document as a question names it."""
    return f"document {document.id} ({document.title}, {document.filename})"


def other(doubt: Doubt) -> str:
    """The other side of a question about a reference."""
    return doubt.candidate.key if doubt.candidate else f"document {doubt.document_id}"


def question_json(question: VersionQuestion) -> dict[str, Any]:
    """A question about versions."""
    return {
        "id": question.id,
        "kind": "version",
        "older": question.older.id,
        "newer": question.newer.id,
        "reason": versions.worded(question.resemblance),
    }


def doubt_json(doubt: Doubt) -> dict[str, Any]:
    """A question about a reference."""
    return {
        "id": doubt.id,
        "kind": doubt.kind,
        "reference": doubt.reference.key,
        "candidate": doubt.candidate.key if doubt.candidate else None,
        "document": doubt.document_id,
        "reason": reasons.worded(doubt.reason),
    }


def answer_json(answer: VersionAnswer) -> dict[str, Any]:
    """An answer about versions."""
    return {
        "name": f"v{answer.id}",
        "kind": "version",
        "verdict": WORDS[answer.verdict],
        "older": answer.older,
        "newer": answer.newer,
        "made": answer.made,
    }


def decision_json(decision: Decision) -> dict[str, Any]:
    """An answer about a reference."""
    doubt = doubt_json(decision.doubt)
    return {
        "name": str(decision.id),
        "kind": decision.doubt.kind,
        "verdict": WORDS[decision.verdict],
        "reference": doubt["reference"],
        "candidate": doubt["candidate"],
        "document": doubt["document"],
        "made": decision.made,
    }
