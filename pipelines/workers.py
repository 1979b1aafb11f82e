"""The processes in which slow work runs, so that the event loop stays free to fetch."""

import asyncio
import multiprocessing
import pickle
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar, cast

from pebble import ProcessPool

T = TypeVar("T")

# Enough that no process waits for its next task, few enough that a task's time is not spent in the queue.
_QUEUED_EACH = 2
# What the stages run there: imported once, and shared by all processes.
ROOMS = ["pipelines.reading.reader", "pipelines.duplicates.verification", "pipelines.figures.documents"]


class Workers:
    """Run slow work (decoding, hashing, reading) in other processes, so that the event loop stays free to fetch."""

    def __init__(self, count: int, patience: float) -> None:
        """Start `count` processes at the first task; a task that takes over `patience` seconds is ended alone."""
        self._count = count
        self._patience = patience
        self._pool = self._new_pool()
        self._scheduler = ThreadPoolExecutor(1, "workers")
        self._room = asyncio.Semaphore(count * _QUEUED_EACH)

    def _new_pool(self) -> ProcessPool:
        # Forking a process that runs an event loop and threads deadlocks now and then; the server has neither.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(ROOMS)
        return ProcessPool(max_workers=self._count, initializer=_keep_to_one_thread, context=context)

    async def result_of(self, work: Callable[..., T], *arguments: Any) -> T:
        """Return `work(*arguments)`; raise what it raised, `TimeoutError`, or `pebble.ProcessExpired` if it died."""
        async with self._room:
            # The first task waits until the rooms are imported; pages are fetched meanwhile.
            loop = asyncio.get_running_loop()
            future = await loop.run_in_executor(self._scheduler, self._scheduled, work, arguments)
            # A pool that breaks forgets its tasks; none waits for long, so a late answer will never come.
            late = self._patience * (_QUEUED_EACH + 1)
            return cast(T, await asyncio.wait_for(asyncio.wrap_future(future), late))

    def _scheduled(self, work: Callable[..., T], arguments: tuple[Any, ...]) -> "Future[T]":
        if not self._pool.active:
            self._pool = self._new_pool()
        return self._pool.schedule(_answer, args=(work, arguments), timeout=self._patience)

    def close(self) -> None:
        """End the processes; nothing is waited for."""
        self._scheduler.shutdown(wait=False, cancel_futures=True)
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()


def _keep_to_one_thread() -> None:
    # As many processes as there are cores; threads of their own would only wait for one another.
    from pipelines.duplicates.film import use_one_thread

    use_one_thread()


def _answer(work: Callable[..., T], arguments: tuple[Any, ...]) -> T:
    """Return the work's result; an error that cannot travel between processes would break the pool for all."""
    try:
        return work(*arguments)
    except Exception as error:
        try:
            pickle.loads(pickle.dumps(error))  # noqa: S301 - our own error, a moment old
        except Exception:
            raise RuntimeError(f"{type(error).__name__}: {error}") from None
        raise
