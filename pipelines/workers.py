"""The processes in which slow work runs, so that the event loop stays free to fetch."""

import asyncio
import multiprocessing
from collections.abc import Callable
from typing import Any, TypeVar, cast

from pebble import ProcessPool

T = TypeVar("T")


class Workers:
    """Run slow work (decoding, hashing, reading) in other processes, so that the event loop stays free to fetch."""

    def __init__(self, count: int, patience: float) -> None:
        """Start `count` processes at the first task; a task that takes over `patience` seconds is ended alone."""
        # Forking a process that runs an event loop and threads deadlocks now and then.
        self._pool = ProcessPool(max_workers=count, context=multiprocessing.get_context("spawn"))
        self._patience = patience

    async def result_of(self, work: Callable[..., T], *arguments: Any) -> T:
        """Return `work(*arguments)`; raise what it raised, `TimeoutError`, or `pebble.ProcessExpired` if it died."""
        future = self._pool.schedule(work, args=arguments, timeout=self._patience)
        return cast(T, await asyncio.wrap_future(future))

    def close(self) -> None:
        """End the processes; nothing is waited for."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()
