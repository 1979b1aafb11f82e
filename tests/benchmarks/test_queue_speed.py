"""What a page of the queue costs however long it is; run with `pytest tests/benchmarks --benchmark-enable -n 0`."""

import hashlib
import random
import time
from datetime import UTC, datetime
from statistics import median

import pytest
from sqlalchemy import insert

from pipelines.candidates.filling import filled
from pipelines.candidates.queue import Filter
from pipelines.candidates.store import Store
from pipelines.candidates.tables import candidates, case_aliases, case_versions, cases
from pipelines.records import COLUMNS, Candidate, Case, Decision, Evidence, Issue, TextBlock

NOW = datetime(2026, 11, 23, tzinfo=UTC)
WORDS = ["fever", "cough", "bilateral", "opacities", "consolidation", "pneumonia", "glass", "woman", "man", "days"]
SIZES = {"few": 1_000, "many": 100_000}
# What a page may cost at a hundred times as many candidates.
ALLOWED = 1.5
FILTERS = {
    "all pending": Filter(),
    "by finding": Filter(finding="Pneumonia/Viral/COVID-19"),
    "by issue": Filter(issue="language"),
    "by source and modality": Filter(source="papers", modality="CT"),
}


def a_case(number):
    chance = random.Random(number)
    text = " ".join(chance.choices(WORDS, k=150)) + f" case{number:06}"
    source = chance.choice(["radiopaedia", "sirm", "papers"])
    facts = {"source": source, "source_id": str(number), "url": f"https://x.example/{number}", "title": f"C {number}"}
    block = TextBlock(label="presentation", text=text)
    return Case(**facts, doi=f"10.1000/case.{number}", blocks=[block])


def candidates_of(case, number):
    chance = random.Random(number)
    for film in range(2):
        finding = chance.choice(["Pneumonia/Viral/COVID-19", "Pneumonia", "No Finding"])
        values = {"finding": finding, "modality": chance.choice(["X-ray", "CT"]), "patientid": f"p{number}"}
        values |= {"doi": case.doi, "filename": f"x-{number}-{film}.png", "url": case.url}
        evidence = [
            Evidence(field=field, value=value, quote=case.url, block="url", start=0, end=len(case.url), rule="test")
            for field, value in values.items()
        ]
        kinds = chance.sample(["missing value", "language", "licence unclear"], k=chance.randrange(3))
        sha256 = hashlib.sha256(f"{number} {film}".encode()).hexdigest()
        yield Candidate(
            id=sha256[:16], source=case.source, source_id=case.source_id, case_url=case.url,
            image_url=f"https://x.example/{number}/{film}.png", sha256=sha256, row=dict.fromkeys(COLUMNS, "") | values,
            evidence=evidence, issues=[Issue(kind=kind, message="why") for kind in kinds],
        )  # fmt: skip


def fill(store, films):
    """Write as many candidates as a crawl of an older version left them, then bring the queue up to date."""
    with store.writing() as connection:
        for start in range(0, films // 2, 1000):
            rows = {table: [] for table in (cases, case_versions, case_aliases, candidates)}
            for number in range(start, min(start + 1000, films // 2)):
                case = a_case(number)
                key = {"source": case.source, "source_id": case.source_id}
                seen = {"first_seen": NOW, "last_seen": NOW}
                version = hashlib.sha256(str(number).encode()).hexdigest()
                record = case.model_dump_json()
                rows[cases].append(
                    key | seen | {"url": case.url, "content_hash": version, "version": version, "complete": True}
                    | {"reader_version": "1"}
                )  # fmt: skip
                rows[case_versions].append(key | {"version": version, "record": record, "first_seen": NOW})
                rows[case_aliases].append(key | {"alias": case.url})
                for position, candidate in enumerate(candidates_of(case, number)):
                    proposed = candidate.model_dump_json(exclude={"state", "revision", "matches"})
                    film = {"id": candidate.id, "sha256": candidate.sha256, "position": position}
                    rows[candidates].append(key | seen | film | {"proposed": proposed, "proposed_version": version})
            for table, of_table in rows.items():
                connection.execute(insert(table), of_table)
    began = time.monotonic()
    with store.writing() as connection:
        filled(connection)
    print(f"\n{films} candidates queued in {time.monotonic() - began:.1f} s")


@pytest.fixture(scope="module")
def stores(request, tmp_path_factory):
    """Give a store of few and one of many candidates, of which neither is large where nothing is measured."""
    measured = request.config.getoption("benchmark_enable")
    opened = {}
    for name, size in SIZES.items():
        opened[name] = Store(f"sqlite:///{tmp_path_factory.mktemp(name)}/intake.sqlite")
        fill(opened[name], size if measured else 200)
    yield opened
    for store in opened.values():
        store.close()


@pytest.fixture(params=SIZES)
def store(stores, request):
    return stores[request.param]


def page(store, filter):
    """Do what a page of the queue asks of the store."""
    shown, tallies = store.queue(filter), store.tallies()
    return shown, tallies, store.following(filter, shown.entries[0].id, "Ada")


@pytest.mark.parametrize("filter", FILTERS.values(), ids=FILTERS)
def test_page_of_the_queue(benchmark, store, filter):
    shown, _, following = benchmark(page, store, filter)
    assert shown.entries[1].id == following


def test_a_page_costs_the_same_however_long_the_queue_is(stores, request):
    for filter in FILTERS.values():
        costs = {name: [] for name in stores}
        # Turn by turn and in processor time, so that whatever else the machine does slows down neither.
        for _ in range(30 if request.config.getoption("benchmark_enable") else 1):
            for name, store in stores.items():
                began = time.process_time()
                page(store, filter)
                costs[name].append(time.process_time() - began)
        ratio = median(costs["many"]) / median(costs["few"])
        print(f"\n{filter}: {ratio:.2f}")
        assert ratio <= ALLOWED or not request.config.getoption("benchmark_enable")


def test_page_deep_in_the_queue(benchmark, store):
    tallied = store.tallies()["source"]["sirm"]["pending"]
    place = store.place_of(store.queue(Filter(source="sirm"), limit=tallied // 2).entries[-1].id)
    assert benchmark(store.queue, Filter(), place).entries


def test_count_of_a_combined_filter(benchmark, store):
    count, _ = benchmark(store.counted, Filter(source="sirm", finding="Pneumonia", modality="CT"))
    assert count


def test_search_for_a_rare_word(benchmark, store):
    page = benchmark(store.queue, Filter(text="case000017"))
    assert [entry.title for entry in page.entries] == ["C 17"] * 2


def test_search_for_a_common_word(benchmark, store):
    assert benchmark(store.queue, Filter(text="pneumonia fever")).entries


@pytest.mark.parametrize("asked", ["doi", "url", "sha256"])
def test_whether_something_was_seen(benchmark, store, asked):
    case = a_case(77)
    film = hashlib.sha256(b"77 0").hexdigest()
    value = {"doi": "https://doi.org/10.1000/CASE.77", "url": case.url, "sha256": film}[asked]
    seen = benchmark(lambda: store.seen(**{asked: value}))
    assert seen[0].sha256 == film


def test_one_decision(benchmark, store):
    ids = [entry.id for entry in store.queue(Filter(), limit=100).entries]
    turn = iter(range(10**9))

    def decide():
        id = ids[next(turn) % len(ids)]
        made = Decision(candidate=id, action="unsure", by="Ada", at=NOW, revision=store.candidate(id).revision)
        return store.record(made)

    assert benchmark(decide).state == "unsure"
