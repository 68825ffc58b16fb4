"""What an upload takes, and what it leaves behind."""

import gc
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Of whatever is sent at once, above what the process had before.
MOST_MIB = 500
MOST_SECONDS = 20
# What asks for so much more fails, before the machine does.
_MOST_ASKED = 3 * 2**30
_STATUS = Path("/proc/self/status")


@contextmanager
def within_limits(what: object) -> Iterator[None]:
    """Let the body take no more memory and processor time than this."""
    # The kernel counts the highest use anew from here on.
    Path("/proc/self/clear_refs").write_text("5")
    before, begun = _mib("VmRSS"), time.process_time()
    with _held_down():
        yield
    seconds, mib = time.process_time() - begun, _mib("VmHWM") - before
    assert mib < MOST_MIB, (what, f"{mib:.0f} MiB")
    assert seconds < MOST_SECONDS, (what, f"{seconds:.1f} s")


@contextmanager
def _held_down() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    now = int(_mib("VmSize")) * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (now + _MOST_ASKED, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _mib(name: str) -> float:
    line = next(x for x in _STATUS.read_text().splitlines() if x.startswith(name))
    return int(line.split()[1]) / 1024


def files_below(folder: Path) -> set[str]:
    """Every file there, by its path within."""
    paths = (path for path in folder.rglob("*") if not path.is_dir())
    return {str(path.relative_to(folder)) for path in paths}


def held_open(folder: Path) -> set[str]:
    """Files of the folder that this process has not closed."""
    gc.collect()
    links = list(Path("/proc/self/fd").iterdir())
    found = {str(link.readlink()) for link in links if link.is_symlink()}
    return {path for path in found if path.startswith(str(folder))}
