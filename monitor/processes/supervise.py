"""One foreground process that starts the others, watches them and takes them along."""

import ctypes
import fcntl
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

logger = logging.getLogger(__name__)

STOPPING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
LONGEST_PAUSE = 8.0
PR_SET_PDEATHSIG = 1
# Loaded here, since between fork and exec nothing may be loaded any more.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None

Arrived = Callable[[float], set[int]]


class Refused(Exception):
    """The site cannot run; the message says why, and how to mend it."""


def read_procfile(path: Path) -> dict[str, str]:
    """The commands by name; `release` runs once, before the others start."""
    lines = (line.strip() for line in path.read_text().splitlines())
    pairs = (line.partition(":") for line in lines if line and line[0] != "#")
    return {name.strip(): command.strip() for name, _, command in pairs}


@contextmanager
def sole(lock: Path, who: str) -> Iterator[None]:
    """Be the only one in this storage, or say who is; ends with the process."""
    with lock.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise Refused(
                f"This site runs already ({file.read()}): stop that one first, or "
                "start another with a storage.root of its own: bin/serve --config F"
            ) from None
        file.truncate(0)
        file.write(who)
        file.flush()
        yield


class Child:
    """One line of the Procfile and the process that serves it now."""

    def __init__(self, name: str, command: str) -> None:
        self.name = name
        self.command = command
        self.process: subprocess.Popen[bytes] | None = None
        self.deaths: deque[float] = deque()
        self.due = 0.0

    def start(self, cwd: Path, environ: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(  # noqa: S603  # what our Procfile says
            ["/bin/sh", "-c", f"exec {self.command}"],
            cwd=cwd,
            env=environ,
            stdin=subprocess.DEVNULL,
            # A group of its own: Ctrl-C reaches us alone, and we end it in order.
            start_new_session=True,
            preexec_fn=partial(die_with, os.getpid()),
        )
        logger.info("%s started", self.name, extra={"pid": self.process.pid})

    def ended(self) -> int | None:
        """The exit code of a process that is no more."""
        return self.process.poll() if self.process else None

    def terminate(self) -> None:
        """Ask the leader alone: it knows how to end its own, work in hand included."""
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def sweep(self) -> None:
        """Leave nothing of the group behind, not even what outlived its leader."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # all of them are gone
        self.process.wait()
        self.process = None


def die_with(parent: int) -> None:
    """In the child: have the kernel end it when the supervisor is no more."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


class Supervisor:
    """Starts the children, restarts who dies, stops all when asked or when hopeless."""

    def __init__(
        self,
        commands: Mapping[str, str],
        *,
        cwd: Path,
        environ: Mapping[str, str],
        grace: float = 10,
        most_deaths: int = 5,
        within: float = 60,
        first_pause: float = 0.5,
    ) -> None:
        named = {name: Child(name, command) for name, command in commands.items()}
        self.release = named.pop("release", None)
        self.children = list(named.values())
        self.cwd = cwd
        self.environ = environ
        self.grace = grace
        self.most_deaths = most_deaths
        self.within = within
        self.first_pause = first_pause

    def run(self, is_ready: Callable[[], bool]) -> None:
        """Serve until somebody asks to stop; `is_ready` is asked until it says so."""
        with _signals() as arrived:
            try:
                if self._released(arrived):
                    self._watch(arrived, is_ready)
            finally:
                self._stop(arrived)

    def _released(self, arrived: Arrived) -> bool:
        if self.release is None:
            return True
        self.release.start(self.cwd, self.environ)
        while (code := self.release.ended()) is None:
            if arrived(1) & STOPPING:
                return False
        if code:
            raise Refused("The site could not be prepared; the lines above say why.")
        return True

    def _watch(self, arrived: Arrived, is_ready: Callable[[], bool]) -> None:
        ready = False
        while True:
            at = time.monotonic()
            for child in self.children:
                self._look_after(child, at)
            ready = ready or is_ready()
            # The end of a child wakes us; only what we wait for needs a clock.
            idle = ready and all(child.process for child in self.children)
            if arrived(60 if idle else 0.1) & STOPPING:
                return

    def _look_after(self, child: Child, at: float) -> None:
        if child.ended() is not None:
            self._mourn(child, at)
        if child.process is None and at >= child.due:
            child.start(self.cwd, self.environ)

    def _mourn(self, child: Child, at: float) -> None:
        how = _how(child.ended() or 0)
        child.sweep()
        child.deaths.append(at)
        while child.deaths[0] < at - self.within:
            child.deaths.popleft()
        deaths = len(child.deaths)
        if deaths > self.most_deaths:
            raise Refused(
                f"{child.name} died {deaths} times within {self.within:g} seconds "
                f"({how}), so the site is stopped; the lines above say why."
            )
        pause = min(self.first_pause * 2 ** (deaths - 1), LONGEST_PAUSE)
        child.due = at + pause
        logger.warning("%s died (%s), again in %g s", child.name, how, pause)

    def _stop(self, arrived: Arrived) -> None:
        children = [child for child in (self.release, *self.children) if child]
        for child in children:
            child.terminate()
        end = time.monotonic() + self.grace
        while any(child.process and child.ended() is None for child in children):
            # Whoever asks a second time does not want to wait.
            if arrived(0.1) & STOPPING or time.monotonic() > end:
                break
        for child in children:
            child.sweep()


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit {code}"


@contextmanager
def _signals() -> Iterator[Arrived]:
    """A way to sleep until a signal comes, and to know which."""
    ours, pythons = socket.socketpair()
    pythons.setblocking(False)  # noqa: FBT003
    signal.set_wakeup_fd(pythons.fileno())
    wanted = {*STOPPING, signal.SIGCHLD}
    # Under nohup the end of the terminal is to be survived.
    wanted -= {s for s in STOPPING if signal.getsignal(s) is signal.SIG_IGN}
    before = {number: signal.signal(number, lambda *_: None) for number in wanted}

    def arrived(within: float) -> set[int]:
        ready, _, _ = select.select([ours], [], [], within)
        return set(ours.recv(4096)) if ready else set()

    try:
        yield arrived
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(-1)
        ours.close()
        pythons.close()
