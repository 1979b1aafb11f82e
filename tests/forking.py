"""Modules run as `python -m` runs them, in processes forked from one that has imported what they import.

A reactor cannot be started twice, so each crawl and each command needs a process of its own, and imports are most of
what a short one costs. This file run as a program is the process that is forked; `forked` asks it.
"""

import atexit
import contextlib
import gc
import json
import multiprocessing.forkserver
import os
import platform
import runpy
import select
import signal
import socket
import struct
import subprocess
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[1]
# What every crawl and nearly every command imports, beside the parts that Scrapy's own settings name.
IMPORTED = (
    "alembic.command", "queuelib", "scrapy.cmdline", "scrapy.core.engine",
    "scrapy.core.scraper", "scrapy.dupefilters", "scrapy.logformatter", "scrapy.pipelines.files", "scrapy.pqueues",
    "scrapy.squeues", "scrapy.statscollectors", "twisted.internet.asyncioreactor", "twisted.web.client",
    "crawlers.command", "crawlers.night", "crawlers.report", "crawlers.extensions.progress",
    "crawlers.extensions.run_log", "crawlers.middlewares.blocked", "crawlers.middlewares.cache",
    "crawlers.middlewares.retry_after", "crawlers.middlewares.robots", "crawlers.middlewares.snapshot",
    "crawlers.replay.transport", "crawlers.spiders.by_hand", "crawlers.spiders.figure1", "crawlers.spiders.papers",
    "crawlers.spiders.radiopaedia", "crawlers.spiders.sirm", "pipelines.candidates.migrations",
    "pipelines.candidates.store", "pipelines.stages", "probe",
)  # fmt: skip
# The last is none of ours: where it is set, a cold process compiles all our modules anew.
OURS = ("DATA_DIR", "DATABASE_URL", "REPLAY_ORIGIN", "INTAKE_CONTACT", "FIGURE1_TOKEN", "PYTHONDONTWRITEBYTECODE")
# Commands whose slow work is done by processes of their own.
WITH_WORKERS = {"add", "crawl", "duplicates", "import", "nightly"}
_LARGEST = 100_000  # bytes of a message; a whole environment takes some 4,000
_NUMBER = struct.Struct("q")


class Forked:
    """A process under way; what `subprocess.Popen` calls alike is alike."""

    def __init__(self, pid: int, told: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._told = told

    def __enter__(self) -> "Forked":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self.wait()

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code, negative for a signal; raise `TimeoutError` if it goes on for so many seconds."""
        if self.returncode is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise TimeoutError(f"process {self.pid} goes on after {timeout} s")
            self.returncode = _number_from(self._told)
            os.close(self._told)
        return self.returncode

    def poll(self) -> int | None:
        """Return the exit code, or `None` while it goes on."""
        try:
            return self.wait(0)
        except TimeoutError:
            return None

    def send_signal(self, how: signal.Signals) -> None:
        """Send a signal unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, how)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


def forked(
    module: str,
    *words: str,
    cwd: Path,
    env: dict[str, str],
    stdin: IO[Any],
    stdout: IO[Any] | int,
    stderr: IO[Any] | int,
) -> Forked:
    """Begin `python -m MODULE WORDS…` in a folder, with an environment and open files for its streams."""
    message = json.dumps({"module": module, "words": words, "cwd": str(cwd), "env": env}).encode()
    assert len(message) < _LARGEST
    told, telling = os.pipe()
    streams = [stream if isinstance(stream, int) else stream.fileno() for stream in (stdin, stdout, stderr)]
    socket.send_fds(_server(), [message], [*streams, telling])
    os.close(telling)
    return Forked(_number_from(told), told)


@cache
def _server() -> socket.socket:
    """Return the line to the process that is forked, started at the first call; it ends with this one."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    clean = {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests")))}
    server = subprocess.Popen(
        [sys.executable, __file__, str(theirs.fileno())],
        cwd=ROOT,
        env=os.environ | clean,
        stdin=subprocess.DEVNULL,
        pass_fds=[theirs.fileno()],
    )
    theirs.close()
    atexit.register(server.wait)
    atexit.register(ours.close)
    return ours


def _number_from(told: int) -> int:
    data = os.read(told, _NUMBER.size)
    assert data, "the process that is forked has ended; its reason is printed above"
    number: int = _NUMBER.unpack(data)[0]
    return number


def _serve(asked: socket.socket) -> None:
    """Fork for each message, until there is nobody to ask; only a child returns, to run what it was forked for."""
    from scrapy.utils.misc import walk_modules_iter

    for name in (*IMPORTED, *_named_by_scrapy()):
        import_module(name)
    for package in ("scrapy.commands", "crawlers.commands"):
        list(walk_modules_iter(package))
    # A reactor would be shared by all children; our settings read the environment as they are imported.
    assert not {"twisted.internet.reactor", "crawlers.settings"} & sys.modules.keys()
    gc.freeze()
    while True:
        message, fds, _, _ = socket.recv_fds(asked, _LARGEST, 4)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not message:
            return
        work = json.loads(message)
        if not WITH_WORKERS.isdisjoint(work["words"]):
            _start_workers_server()
        if os.fork() == 0:
            asked.close()
            _mind(work, fds)
            return
        for fd in fds:
            os.close(fd)


@cache
def _start_workers_server() -> None:
    """Start the process that all commands' workers are forked from, with what they import and the rules compiled.

    `multiprocessing` has each program start one of its own, which takes longer than most of these commands.
    """
    from pipelines.workers import ROOMS

    server = multiprocessing.forkserver._forkserver
    server.set_forkserver_preload([*ROOMS, "reader_ready"])
    server.ensure_running()
    # A child may neither wait for this process's child nor start another, and nothing public tells it so.
    assert "ensure_running" in server.connect_to_new_process.__code__.co_names, (
        f"Python {platform.python_version()} makes sure of its fork server by another call: replace that one here"
    )
    server.ensure_running = lambda: None


def _named_by_scrapy() -> list[str]:
    from scrapy.settings import default_settings as named

    parts = (named.EXTENSIONS_BASE, named.DOWNLOADER_MIDDLEWARES_BASE, named.SPIDER_MIDDLEWARES_BASE)
    paths = [*named.DOWNLOAD_HANDLERS_BASE.values(), *(path for part in parts for path in part)]
    return [path.rpartition(".")[0] for path in paths]


def _mind(work: dict[str, Any], fds: list[int]) -> None:
    """Fork again, and tell the child's number and what it came to; only the child returns, when it has run."""
    *streams, told = fds
    if (child := os.fork()) == 0:
        os.close(told)
        _run(work, streams)
        return
    os.write(told, _NUMBER.pack(child))
    for fd in streams:
        os.close(fd)
    _, status = os.waitpid(child, 0)
    os.write(told, _NUMBER.pack(os.waitstatus_to_exitcode(status)))
    os._exit(0)


def _run(work: dict[str, Any], streams: list[int]) -> None:
    for number, fd in enumerate(streams):
        os.dup2(fd, number)
        os.close(fd)
    os.chdir(work["cwd"])
    os.environ.clear()
    os.environ.update(work["env"])
    sys.argv[1:] = work["words"]
    runpy.run_module(work["module"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
