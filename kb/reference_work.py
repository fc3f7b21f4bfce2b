"""Reference work: decisions of people about references, and deriving references anew after a change.

decision, imported record ─► catalogue ─► relate (kb.works.gather) ─► references, links, questions
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kb.catalogue import Bibliography, Finding
from kb.errors import KnowledgeBaseError, NotInKnowledgeBase
from kb.lookups import Lookups
from kb.model import DecisionVerdict, Reference, Suggestion

if TYPE_CHECKING:
    from kb.works.decisions import Described, NewRuling


class ReferenceWork(Lookups):
    """Lookups, and the changes that a person makes to references."""

    def relate(self) -> bool:
        """Bring references up to date with documents and decisions; whether there was anything to do."""
        if self.catalogue.derivation.current():
            return False
        from kb.works.gather import RULES

        return self.catalogue.derivation.derive(RULES)

    def relate_anew(self) -> int:
        """Derive references from all documents and decisions; the number of rows that differed."""
        from kb.works.gather import RULES

        return self.catalogue.derivation.derive_anew(RULES)

    def prove(self, *, behind: bool = False) -> list[Finding]:
        """Derive all references anew, for a change derives a part of them; a finding when rows differed from that.

        `behind`: it is known that they do not agree with the documents.
        """
        self.relate()
        differing = self.relate_anew()
        if behind or not differing:
            return []
        message = f"{differing} rows of references differ from what all documents and decisions give"
        return [Finding("references", message, repaired=True)]

    def look_up(self, key: str) -> Suggestion | None:
        """The work known to Crossref that is most like a reference, cached; None when there is none.

        Changes nothing. Raises a KnowledgeBaseError when KB_CROSSREF is not set, or when Crossref does not answer.
        """
        if self.settings.crossref is None:
            raise KnowledgeBaseError(
                "looking up at Crossref is off: set KB_CROSSREF to your mail address, which is sent to Crossref, to turn it on"
            )
        from kb.works.crossref import CacheFolder, look_up

        return look_up(
            self.reference(key).csl,
            cache=CacheFolder(self.settings.cache / "crossref"),
            base_url=self.settings.crossref_url,
            mailto=self.settings.crossref,
        )

    def decide(self, doubt_id: str, verdict: DecisionVerdict) -> int:
        """Answer a doubt; returns the id of the decision. Raises NotInKnowledgeBase when it is no longer open."""
        return self.decide_all([doubt_id], verdict)[0]

    def decide_all(self, doubt_ids: Sequence[str], verdict: DecisionVerdict) -> list[int]:
        """Answer several doubts alike, all or none of them; returns the ids of the decisions. Raises as `decide` does."""
        decision_ids = self.catalogue.decisions.decide(doubt_ids, verdict)
        self.relate()
        return decision_ids

    def join(self, key: str, other: str) -> int:
        """Say that two references are one work; returns the id of the decision, which can be undone."""
        from kb.works import decisions

        return self._rule(decisions.join(self._described(self.reference(key)), self._described(self.reference(other))))

    def part(self, key: str, *, entry_id: int | None = None, citation_id: int | None = None) -> int:
        """Say that an entry, or a citation, is not of this work; returns the id of the decision, which can be undone."""
        from kb.works import decisions

        reference = self.reference(key)
        if entry_id is not None:
            return self._rule(decisions.separate_entry(reference, entry_id))
        citation = next((each for each in reference.cited_by if each.id == citation_id), None)
        if citation is None:
            raise NotInKnowledgeBase(f"the reference {key} has no such entry or citation")
        document = self.document(citation.document_id)
        return self._rule(decisions.separate_citation(self._described(reference), citation, document))

    def accept(self, key: str) -> Bibliography:
        """Store the suggestion of `look_up` as an imported record; `forget` removes it.

        Entries keep their words as printed. Raises a KnowledgeBaseError unless title, year and first author agree.
        """
        from kb.works import decisions

        reference = self.reference(key)
        accepted = decisions.accepted_record(reference, self.look_up(key))
        stored, _ = self.catalogue.bibliographies.put("Crossref", accepted.path, accepted.sha256, [accepted.entry], ())
        self.relate()
        if not decisions.holds_record(self.reference(key), accepted.entry.csl):
            # The two do not agree well enough by themselves (a wrong DOI in print, say), and a person has confirmed it.
            self._rule(decisions.confirm_record(self._described(reference), accepted.entry))
        return stored

    def _described(self, reference: Reference) -> Described:
        from kb.works.decisions import Described

        document = None if reference.document_id is None else self.document(reference.document_id)
        return Described(reference, document)

    def _rule(self, ruling: NewRuling) -> int:
        decision_id = self.catalogue.decisions.rule(ruling.kind, ruling.verdict, ruling.one, ruling.other)
        self.relate()
        return decision_id

    def undo(self, decision_id: int) -> None:
        """Take a decision back: the question is open again. Raises NotInKnowledgeBase."""
        self.catalogue.decisions.undo(decision_id)
        self.relate()

    def forget(self, bibliography_id: int) -> Bibliography:
        """Forget an imported bibliography and its records. Raises NotInKnowledgeBase."""
        forgotten = self.catalogue.bibliographies.remove(bibliography_id)
        self.relate()
        return forgotten
