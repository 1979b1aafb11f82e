"""`scrapy candidates`: the proposed rows, each value with the sentence it came from."""

import argparse
import csv
import json
import sys
from collections.abc import Iterable
from typing import Any, get_args

from crawlers.command import DeskCommand, known_source, shown_table
from pipelines.records import COLUMNS, Candidate, CandidateState, Match


class Command(DeskCommand):
    """Print the candidates of the workspace."""

    def syntax(self) -> str:
        """Show how it is called."""
        return "[--state STATE] [--source NAME] [--format table|jsonl|csv]"

    def short_desc(self) -> str:
        """Say what it does."""
        return "Print the candidate rows with their evidence, issues and matches"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take the filters and the form."""
        super().add_options(parser)
        parser.add_argument("--state", choices=get_args(CandidateState), help="only candidates in this state")
        parser.add_argument("--source", metavar="NAME", help="only candidates of this source")
        parser.add_argument("--format", choices=("table", "jsonl", "csv"), default="table", help="default: table")

    def handle(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print them in a stable order."""
        source = known_source(opts.source) if opts.source else None
        store = self.existing_store()
        candidates = store.candidates(state=opts.state, source=source)
        {"table": as_table, "jsonl": as_jsonl, "csv": _as_csv}[opts.format](candidates)


def shown(candidate: Candidate) -> dict[str, Any]:
    """Return a candidate as others script against it."""
    keys = ("id", "source", "case_url", "state", "image_url", "sha256", "row", "evidence", "issues")
    whole = candidate.model_dump(mode="json")
    object_ = {key: whole[key] for key in keys}
    object_["matches"] = [_shown_match(match) for match in candidate.matches]
    if candidate.panel:
        object_["panel"] = whole["panel"]
    return object_


def _shown_match(match: Match) -> dict[str, Any]:
    other = {"candidate": match.candidate} if match.candidate else {"published": match.published}
    return other | match.model_dump(mode="json", exclude={"candidate", "published"})


def as_jsonl(candidates: Iterable[Candidate]) -> None:
    """Print one object a line."""
    for candidate in candidates:
        sys.stdout.write(json.dumps(shown(candidate), ensure_ascii=False) + "\n")


def _as_csv(candidates: Iterable[Candidate]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("id", "state", *COLUMNS, "issues", "matches"))
    for candidate in candidates:
        issues = "; ".join(f"{issue.kind}: {issue.message}" for issue in candidate.issues)
        matches = "; ".join(f"{match.relation}: {match.candidate or match.published}" for match in candidate.matches)
        writer.writerow((candidate.id, candidate.state, *candidate.row.values(), issues, matches))


def as_table(candidates: Iterable[Candidate]) -> None:
    """Print a line a candidate: what it holds, and how many issues and matches."""
    columns = ("patientid", "finding", "sex", "age", "offset", "view", "modality", "license")
    rows = [
        [
            candidate.id[:8],
            candidate.state,
            *(candidate.row[column] for column in columns),
            len(candidate.issues),
            len(candidate.matches),
        ]
        for candidate in candidates
    ]
    sides = dict.fromkeys(("id", "state", *columns), "left") | {"issues": "right", "matches": "right"}
    if not rows:
        sys.stderr.write("there are no such candidates in this workspace; DATA_DIR names another one\n")
    shown_table(f"Candidate rows: {len(rows)}", sides, rows)
