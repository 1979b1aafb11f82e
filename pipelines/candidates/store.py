"""The store: everything that outlives a crawl, in one database."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.candidates.answers import Answers
from pipelines.candidates.cases import Cases, Change
from pipelines.candidates.collection import Collection
from pipelines.candidates.films import Films
from pipelines.candidates.memory import Memory
from pipelines.candidates.queue import Queue
from pipelines.candidates.reviewers import Reviewers
from pipelines.candidates.runs import Runs
from pipelines.records import Candidate, Case


@dataclass(frozen=True)
class Intake:
    """Say what taking in a case came to; a film that another case brought before makes no new candidate."""

    case: Change
    candidates_new: int
    candidates_changed: int


class Store(Runs, Cases, Films, Queue, Memory, Reviewers, Collection, Answers):
    """Keep permissions, runs, cases, films, candidates, decisions and answers in the database at `url`.

    Everything is keyed by content or by source id, so that a crawl killed at any instant and run again gives the
    same store. Several processes may read and write at once.
    """

    def take_in(
        self, case: Case, proposed: Sequence[Candidate], content_hash: str, reader_version: str,
        complete: bool = True, run_id: int | None = None,
    ) -> Intake:  # fmt: skip
        """Keep a case and its candidates in one transaction, so that no kill leaves the one without the other."""
        with self.writing() as connection:
            change = self._keep_case(connection, case, content_hash, reader_version, complete, run_id)
            new, changed = self._keep_candidates(connection, case.source, case.source_id, proposed, complete)
        return Intake(change, new, changed)
