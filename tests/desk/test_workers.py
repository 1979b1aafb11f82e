"""Slow work in other processes: what it raises arrives, and what kills one task spares the others."""

import asyncio
import os
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import pytest
from pebble import ProcessExpired

from pipelines.duplicates.canonical import NoFingerprint
from pipelines.media.sniff import NotMedia, media_of
from pipelines.workers import ROOMS, Workers


class StubbornError(Exception):
    """An error that pickles and cannot be unpickled."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(one + two)


def fail_stubbornly() -> None:
    raise StubbornError("not ", "to be carried")


def die() -> None:
    os._exit(9)


def hang() -> None:
    time.sleep(60)


def at_work(body: Callable[[Workers], Any], patience: float = 30.0) -> Any:
    async def run() -> Any:
        workers = Workers(2, patience)
        try:
            return await body(workers)
        finally:
            workers.close()

    return asyncio.run(run())


def test_the_rooms_that_are_imported_once_exist() -> None:
    # A name that leads nowhere is passed over in silence, and each process then imports by itself.
    assert all(find_spec(room) for room in ROOMS)


def test_results_and_errors_arrive() -> None:
    async def body(workers: Workers) -> None:
        assert await workers.result_of(pow, 2, 10) == 1024
        with pytest.raises(NotMedia, match="web page") as refused:
            await workers.result_of(media_of, b"<!DOCTYPE html><title>Sign in</title>")
        assert refused.value.passing in (True, False)
        with pytest.raises(RuntimeError, match="StubbornError: not to be carried"):
            await workers.result_of(fail_stubbornly)
        assert await workers.result_of(pow, 3, 2) == 9

    at_work(body)


def test_a_task_that_dies_spares_the_others() -> None:
    async def body(workers: Workers) -> None:
        results = await asyncio.gather(
            *(
                workers.result_of(die if number == 3 else abs, *(() if number == 3 else (-number,)))
                for number in range(8)
            ),
            return_exceptions=True,
        )
        assert [result for result in results if isinstance(result, int)] == [0, 1, 2, 4, 5, 6, 7]
        assert isinstance(results[3], ProcessExpired)

    at_work(body)


def test_a_task_that_hangs_is_ended_alone() -> None:
    async def body(workers: Workers) -> None:
        await workers.result_of(abs, -1)  # the processes are up
        hanging = asyncio.create_task(workers.result_of(hang))
        assert await workers.result_of(abs, -2) == 2
        with pytest.raises(TimeoutError):
            await hanging
        assert await workers.result_of(abs, -3) == 3

    at_work(body, patience=3.0)


def test_the_desks_own_errors_can_travel() -> None:
    import pickle

    for error in (NoFingerprint("blank"),):
        assert str(pickle.loads(pickle.dumps(error))) == str(error)
