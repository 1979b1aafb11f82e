"""How fast people decide in a real browser; run with `pytest tests/benchmarks --benchmark-enable -n 0`."""

import random
from collections import Counter
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from statistics import median

import pytest
from playwright.sync_api import Browser
from pytest_benchmark.fixture import BenchmarkFixture
from triage.browsing import REVIEWERS, Reviewer, chromium, decide_at_random, desk_at, filled_workspace, sign_in

pytestmark = pytest.mark.timeout(3600)

DECISIONS = 60
CLOCK = """() => {
    window.waits = [];
    let pressed = 0;
    addEventListener("keydown", (event) => { pressed = event.timeStamp; }, true);
    document.addEventListener("film-view:ready", () => waits.push(performance.now() - pressed));
}"""
ROUNDS = 500  # each with one decision of each of two people


@pytest.fixture(scope="module")
def browsers(request: pytest.FixtureRequest) -> Iterator[list[Browser]]:
    # Two profiles of one browser are as strange to each other, and cheaper, where nothing is measured.
    measured = request.config.getoption("benchmark_enable")
    with chromium(2 if measured else 1, webgl=measured) as browsers:
        yield [browsers[0], browsers[-1]]


@pytest.fixture(scope="module")
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    cases = DECISIONS // 2 if request.config.getoption("benchmark_enable") else 5
    return filled_workspace(tmp_path_factory.mktemp("filled"), cases)


def test_milliseconds_a_decision(
    benchmark: BenchmarkFixture, browsers: list[Browser], filled: Path, tmp_path: Path
) -> None:
    """Time from a key to the next film drawn, by the page's own clock: one key accepts, two reject with a reason."""
    ada = Reviewer(browsers[0].new_context())
    with desk_at(tmp_path, filled) as desk, ada.at(desk):
        ada.open("/")
        ada.page.wait_for_function("document.querySelector('film-view').state?.ready")
        ada.page.evaluate(CLOCK)
        keys = cycle([["a"], ["a"], ["r", "1"]])
        pressed = []

        def decide() -> None:
            pressed.append(next(keys))
            ada.decide(*pressed[-1])
            ada.page.wait_for_function("decided => waits.length >= decided", arg=len(pressed))

        benchmark.pedantic(decide, rounds=DECISIONS - 1 if benchmark.enabled else 3)
        assert len(list(desk.store.decisions())) == len(pressed)
        waits = ada.page.evaluate("waits")
        assert len(waits) == len(pressed)
        benchmark.extra_info |= {
            "keys a decision": round(sum(map(len, pressed)) / len(pressed), 2),
            "ms from key to next film, median": round(median(waits)),
            "ms from key to next film, longest": round(max(waits)),
        }


def test_two_browsers_on_one_queue(
    benchmark: BenchmarkFixture, browsers: list[Browser], filled: Path, tmp_path: Path
) -> None:
    """Two browsers decide at once, at random: each decision is recorded once, and each conflict is shown."""
    rounds = ROUNDS if benchmark.enabled else 3  # the third is on one and the same candidate
    ada, ben = (Reviewer(browser.new_context(), name) for browser, name in zip(browsers, REVIEWERS, strict=True))
    with desk_at(tmp_path, filled, login=True) as desk, ada.at(desk), ben.at(desk):
        two = sign_in(ada), sign_in(ben)
        told = benchmark.pedantic(decide_at_random, args=(two, rounds, random.Random(11)), rounds=1)
        recorded = Counter((decision.candidate, decision.action, decision.by) for decision in desk.store.decisions())
        assert recorded == Counter(told.recorded)
        assert len(told.recorded) + len(told.conflicts) == 2 * rounds
        benchmark.extra_info |= {"recorded": len(told.recorded), "conflicts": len(told.conflicts)}
