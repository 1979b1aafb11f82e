"""What the processes of `test_store_processes` do; without pytest, so that each of them starts quickly."""

import itertools
import random
import time
from datetime import UTC, datetime
from multiprocessing.connection import Connection

from pipelines.candidates.decisions import ConflictError
from pipelines.candidates.store import Store
from pipelines.records import COLUMNS, Candidate, Case, Decision


def a_case(number: int) -> tuple[Case, Candidate]:
    case = Case(source="sirm", source_id=f"caso-{number}", url=f"https://sirm.org/{number}", title="covid" * 200)
    row = dict.fromkeys(COLUMNS, "")
    ids = {"id": f"c{number}", "source": case.source, "source_id": case.source_id, "case_url": case.url}
    return case, Candidate(**ids, image_url="https://x/1.png", sha256=f"{number:064x}", row=row)


def crawl(url: str, numbers: range) -> int:
    with Store(url) as store:
        for number in numbers:
            case, candidate = a_case(number)
            store.take_in(case, [candidate], case.content_hash(), "1")
            store.keep("answer", 200, str(number), datetime.now(UTC))
    return len(numbers)


def fill(store: Store) -> None:
    for number in range(1, 2000):
        case, candidate = a_case(number)
        store.take_in(case, [candidate], case.content_hash(), "1")


def triage(url: str, by: str, numbers: range) -> int:
    """Decide on every candidate as soon as it is there; return how many decisions were this person's."""
    won = 0
    with Store(url) as store:
        for number in numbers:
            while True:
                try:
                    revision = store.candidate(f"c{number}").revision
                    break
                except KeyError:
                    time.sleep(0.01)
            decision = Decision(candidate=f"c{number}", action="accept", by=by, at=datetime.now(UTC), revision=revision)
            try:
                store.record(decision.model_copy(update={"revision": 0}))
                won += 1
            except ConflictError:
                continue
    return won


def open_store(url: str) -> int:
    with Store(url) as store:
        return len(store.runs())


def crawl_for_ever(url: str, told: Connection) -> None:
    for start in itertools.count(step=5):
        crawl(url, range(start, start + 5))
        told.send(start + 5)


def decide_at_random(url: str, by: str, seed: int, times: int) -> tuple[list[tuple[str, int]], int]:
    """Decide on random candidates as they were seen a moment before; return what was recorded, and the conflicts."""
    chance, recorded, conflicts = random.Random(seed), [], 0
    with Store(url) as store:
        ids = sorted(candidate.id for candidate in store.candidates())
        seen = {id: store.candidate(id).revision for id in ids}
        while len(recorded) + conflicts < times:
            id = chance.choice(ids)
            action = chance.choice(["accept", "reject", "unsure", "judge", "undo"])
            detail = {"candidate": chance.choice(ids), "relation": "unrelated"} if action == "judge" else {}
            made = {"candidate": id, "action": action, "by": by, "at": datetime.now(UTC), "detail": detail}
            try:
                store.record(Decision.model_validate(made | {"revision": seen[id]}))
                recorded.append((id, seen[id]))
                seen[id] += 1
            except ConflictError:
                conflicts += 1
                seen[id] = store.candidate(id).revision
            except ValueError:
                continue
    return recorded, conflicts
