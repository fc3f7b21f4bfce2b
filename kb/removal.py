"""Removal: documents go to the trash, come back from it, or are deleted for good after some days.

remove ─► trash ─┬─ undelete ─► the document again
                 └─ sweep    ─► nothing but its id and title
"""

from __future__ import annotations

from collections.abc import Sequence

from kb.catalogue import Prepared
from kb.model import DecisionVerdict, Document, StoredFile, Trashed
from kb.pasting import Pasting
from kb.versions import VersionAnswer, VersionQuestion


class Removal(Pasting):
    """Reference work, and the removal and restoring of documents."""

    def remove(self, document_id: int, *, for_good: bool = False) -> Document:
        """Remove a document with everything derived from it; `undelete` brings it back from the trash.

        `for_good`: nothing is kept but its id and title, not even its earlier versions in the trash.
        """
        document = self.document(document_id)
        files = self.catalogue.documents.remove(document_id, for_good=for_good)
        if for_good:
            earlier = [file for item in self.trash() if item.document_id == document_id for file in item.files]
            self._discard([file.sha256 for file in (*files, *earlier)])
        self.sweep()
        self.relate()
        return document

    def trash(self) -> list[Trashed]:
        """Removed documents and replaced versions that can be brought back, newest first."""
        return self.catalogue.trash.all()

    def undelete(self, document_id: int) -> Document:
        """Bring back a removed document, or else the latest replaced version of a document as a document of its own.

        Raises NotInKnowledgeBase when nothing of it is in the trash, or its original is lost.
        """
        from ingest.recognition import find_recogniser
        from ingest.restoring import restore

        restored = restore(
            self.catalogue.trash.of(document_id),
            self.catalogue,
            self.stored,
            find_recogniser(self.settings.recognition),
        )
        self.relate()
        return restored

    def version_questions(self) -> list[VersionQuestion]:
        """The open questions whether a document is a new version of another, the latest first."""
        return self.catalogue.versions.questions()

    def version_answers(self) -> list[VersionAnswer]:
        """The answers to such questions, newest first."""
        return self.catalogue.versions.answers()

    def decide_version(self, question_id: str, verdict: DecisionVerdict) -> int:
        """Answer a question about versions; the id of the answer. Raises NotInKnowledgeBase when it is no longer open.

        `confirm`: the newer document replaces the older, which goes to the trash. `refuse`: both stay.
        """
        if verdict == "refuse":
            return self.catalogue.versions.keep_both(question_id)
        answer_id = self.catalogue.versions.replace(question_id)
        self.relate()
        return answer_id

    def undo_version(self, answer_id: int) -> bool:
        """Take an answer about versions back; whether both documents are as before. Raises NotInKnowledgeBase.

        They are not when the older one is no longer in the trash, or the newer one has changed since.
        """
        versions = self.catalogue.versions
        answer = versions.get(answer_id)
        restored = versions.undo(answer_id, self._replaced(answer) if answer.verdict == "confirm" else None)
        self.relate()
        return restored

    def _replaced(self, answer: VersionAnswer) -> tuple[Prepared, list[StoredFile]] | None:
        """The document that was replaced by an answer, from its originals; None when they are no longer in the trash."""
        from ingest.recognition import find_recogniser
        from ingest.restoring import read_again

        for item in self.trash():
            files = [file for file in item.files if file.sha256 in answer.older_files]
            if len(files) == len(answer.older_files):
                return read_again(files, item.kind, self.stored, find_recogniser(self.settings.recognition))
        return None

    def sweep(self) -> int:
        """Delete for good what has been in the trash for more than `settings.trash_days`; the number of files."""
        digests = self.catalogue.trash.older_than(self.settings.trash_days)
        self._discard(digests)
        return len(digests)

    def _discard(self, digests: Sequence[str]) -> None:
        if digests:
            self.catalogue.trash.forget(digests)
        for sha256 in digests:
            self.catalogue.files.discard(sha256, self.stored)
