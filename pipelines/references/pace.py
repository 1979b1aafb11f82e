"""Keep to a service's published pace: so many calls a second, so many at once."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Pace:
    """Let calls through at most `per_second` a second and `at_once` together; threads share one."""

    def __init__(self, per_second: float, at_once: int) -> None:
        """Start with a pace; `change` it when the service tells its own."""
        self._condition = threading.Condition()
        self._per_second, self._at_once = per_second, at_once
        self._running = 0
        self._next = 0.0

    def change(self, per_second: float, at_once: int) -> None:
        """Take another pace from the next call on."""
        with self._condition:
            self._per_second, self._at_once = per_second, at_once
            self._condition.notify_all()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, and hold it while the call runs."""
        with self._condition:
            self._condition.wait_for(lambda: self._running < self._at_once)
            self._running += 1
            now = time.monotonic()
            start = max(now, self._next)
            self._next = start + 1 / self._per_second
        try:
            time.sleep(start - now)
            yield
        finally:
            with self._condition:
                self._running -= 1
                self._condition.notify()
