"""Questions whether a document is a new version of another, kept in memory; no document is changed by an answer."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from kb.errors import NotInKnowledgeBase
from kb.model import DecisionVerdict, Document
from kb.versions import VersionAnswer, VersionQuestion


class FakeVersions:
    """The calls of a knowledge base about versions."""

    if TYPE_CHECKING:

        def document(self, document_id: int, /) -> Document: ...

    @cached_property
    def versions(self) -> list[VersionQuestion]:
        return []

    @cached_property
    def answered(self) -> list[VersionAnswer]:
        return []

    def version_questions(self) -> list[VersionQuestion]:
        return self.versions

    def version_answers(self) -> list[VersionAnswer]:
        return self.answered

    def decide_version(self, question_id: str, verdict: DecisionVerdict, /) -> int:
        for question in self.versions:
            if question.id == question_id:
                self.versions.remove(question)
                older, newer, number = question.older, question.newer, len(self.answered) + 1
                made = "2026-11-22T12:00:00+00:00"
                self.answered.insert(
                    0,
                    VersionAnswer(
                        number, verdict, older.id, newer.id, older.title, newer.title, question.resemblance, made
                    ),
                )
                return number
        raise NotInKnowledgeBase("this question was answered or has lapsed")

    def undo_version(self, answer_id: int, /) -> bool:
        for answer in self.answered:
            if answer.id == answer_id:
                self.answered.remove(answer)
                older, newer = self.document(answer.older), self.document(answer.newer)
                self.versions.append(VersionQuestion(older, newer, answer.resemblance))
                return True
        raise NotInKnowledgeBase(f"there is no answer {answer_id}")
