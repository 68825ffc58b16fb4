"""The supervisor with real processes: who dies, who is told, what is left behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from conftest import eventually
from monitor.processes.supervise import Refused, Supervisor, read_procfile, sole

BASE = Path(__file__).resolve().parents[2]

# A leader with a helper, as gunicorn and celery are; each notes its number in a file.
FAMILY = "sh -c 'sleep 99 & echo $! >> helper; echo $$ >> leader; wait'"

ALONE = """
import sys
from pathlib import Path
from monitor.processes.supervise import Supervisor, sole
here = Path(sys.argv[1])
with sole(here / "lock", "pid 4711, port 8000"):
    Supervisor({"one": "sh -c 'echo $$ >> leader; exec sleep 99'"},
               cwd=here, environ={"PATH": "/bin:/usr/bin"}).run(lambda: True)
"""


def numbers(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def gone(pids: list[int]) -> bool:
    """A killed process is gone a moment later; its parent may be another by then."""
    return bool(eventually(lambda: not any(map(alive, pids)), within=5))


def supervise(where: Path, *, meanwhile: Callable[[], object], **commands: str) -> None:
    """Run until what happens meanwhile is over, then stop as a service would."""

    def play() -> None:
        try:
            meanwhile()
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    supervisor = Supervisor(
        commands, cwd=where, environ=dict(os.environ), first_pause=0.05, grace=5
    )
    actor = threading.Thread(target=play)
    actor.start()
    try:
        supervisor.run(lambda: True)
    finally:
        actor.join()


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A supervisor as a process of its own, with one child."""
    process = subprocess.Popen([sys.executable, "-c", ALONE, str(tmp_path)], cwd=BASE)
    eventually(lambda: numbers(tmp_path / "leader"))
    yield process
    process.kill()
    process.wait()


def test_a_procfile_is_read_by_name(tmp_path: Path) -> None:
    file = tmp_path / "Procfile"
    file.write_text("# why\n\nweb: gunicorn --bind $BIND\nclock:  tick: tock \n")
    assert read_procfile(file) == {
        "web": "gunicorn --bind $BIND",
        "clock": "tick: tock",
    }


def test_the_projects_procfile_names_four_processes_and_what_comes_before() -> None:
    names = list(read_procfile(BASE / "Procfile"))
    assert names == ["release", "web", "interactive", "heavy", "clock"]


def test_stopping_leaves_no_process_behind(tmp_path: Path) -> None:
    def meanwhile() -> None:
        eventually(lambda: numbers(tmp_path / "leader"))

    supervise(tmp_path, meanwhile=meanwhile, family=FAMILY, other="sleep 99")
    left = numbers(tmp_path / "leader") + numbers(tmp_path / "helper")
    assert len(left) == 2
    assert gone(left)


def test_a_killed_child_is_named_and_starts_again_without_its_old_helpers(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def meanwhile() -> None:
        eventually(lambda: numbers(tmp_path / "leader"))
        os.kill(numbers(tmp_path / "leader")[0], signal.SIGKILL)
        eventually(lambda: len(numbers(tmp_path / "leader")) == 2)
        old, new = numbers(tmp_path / "helper")
        assert gone([old])
        assert alive(new)

    with caplog.at_level("INFO", "monitor.processes.supervise"):
        supervise(tmp_path, meanwhile=meanwhile, family=FAMILY)
    assert [record.getMessage() for record in caplog.records] == [
        "family started",
        "family died (signal 9), again in 0.05 s",
        "family started",
    ]


def test_too_many_deaths_of_one_child_stop_the_whole(tmp_path: Path) -> None:
    supervisor = Supervisor(
        {"bad": "sh -c 'echo $$ >> bad; exit 3'", "good": FAMILY},
        cwd=tmp_path,
        environ=dict(os.environ),
        most_deaths=3,
        first_pause=0.02,
    )
    with pytest.raises(Refused) as refused:
        supervisor.run(lambda: True)
    assert str(refused.value) == (
        "bad died 4 times within 60 seconds (exit 3), so the site is stopped; "
        "the lines above say why."
    )
    assert len(numbers(tmp_path / "bad")) == 4
    assert gone(numbers(tmp_path / "helper"))


def test_deaths_long_ago_are_forgiven(tmp_path: Path) -> None:
    supervisor = Supervisor(
        {"bad": "sh -c 'echo $$ >> bad; exit 3'"},
        cwd=tmp_path,
        environ=dict(os.environ),
        most_deaths=1,
        within=0.01,
        first_pause=0.05,
    )

    def play() -> None:
        eventually(lambda: len(numbers(tmp_path / "bad")) >= 5)
        os.kill(os.getpid(), signal.SIGTERM)

    actor = threading.Thread(target=play)
    actor.start()
    supervisor.run(lambda: True)
    actor.join()


def test_the_release_ends_before_the_others_start(tmp_path: Path) -> None:
    def meanwhile() -> None:
        eventually((tmp_path / "seen").exists)

    supervise(
        tmp_path,
        meanwhile=meanwhile,
        release="sh -c 'sleep 0.2; echo prepared > ready'",
        web="sh -c 'cat ready > draft; mv draft seen; exec sleep 99'",
    )
    assert (tmp_path / "seen").read_text() == "prepared\n"


def test_a_failing_release_starts_nothing(tmp_path: Path) -> None:
    supervisor = Supervisor(
        {"release": "false", "web": "touch started"}, cwd=tmp_path, environ={}
    )
    with pytest.raises(Refused, match="could not be prepared"):
        supervisor.run(lambda: True)
    assert not (tmp_path / "started").exists()


def test_a_child_that_will_not_stop_is_killed_after_the_grace(tmp_path: Path) -> None:
    supervisor = Supervisor(
        {"deaf": "sh -c 'trap : TERM; echo $$ > leader; while :; do sleep 0.1; done'"},
        cwd=tmp_path,
        environ=dict(os.environ),
        grace=0.5,
    )

    def play() -> None:
        eventually(lambda: numbers(tmp_path / "leader"))
        os.kill(os.getpid(), signal.SIGTERM)

    actor = threading.Thread(target=play)
    actor.start()
    supervisor.run(lambda: True)
    actor.join()
    assert gone(numbers(tmp_path / "leader"))


def test_sigterm_stops_all_and_counts_as_success(
    alone: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    alone.send_signal(signal.SIGTERM)
    assert alone.wait(10) == 0
    assert gone(numbers(tmp_path / "leader"))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child")
def test_children_die_with_a_supervisor_that_was_killed(
    alone: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    alone.kill()
    assert gone(numbers(tmp_path / "leader"))


def test_a_second_start_says_who_was_first(
    alone: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    with pytest.raises(Refused) as refused, sole(tmp_path / "lock", "me"):
        pytest.fail("two in one storage")
    assert str(refused.value) == (
        "This site runs already (pid 4711, port 8000): stop that one first, or start "
        "another with a storage.root of its own: bin/serve --config F"
    )


def test_the_storage_is_free_again_after_a_kill(
    alone: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    alone.kill()
    alone.wait()
    with sole(tmp_path / "lock", "me"):
        assert (tmp_path / "lock").read_text() == "me"


def test_waiting_costs_no_work(tmp_path: Path) -> None:
    asked: list[float] = []

    def is_ready() -> bool:
        asked.append(time.monotonic())
        return len(asked) == 3

    supervisor = Supervisor({"one": "sleep 99"}, cwd=tmp_path, environ=dict(os.environ))
    threading.Timer(1, os.kill, (os.getpid(), signal.SIGTERM)).start()
    supervisor.run(is_ready)
    assert len(asked) == 3
