"""What a child may use, laid upon itself before it reads anything."""

import os
import resource
import tempfile
from pathlib import Path

# Of files: its own, standard streams, and libraries that are being loaded.
_FILES = 64
_SPARE = 64 * 2**20
_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
)


def lay(*, memory: int, seconds: float, size: int, processes: int | None) -> None:
    """Limit this process for good.

    Parameters
    ----------
    memory : int
        Bytes of address space.
    seconds : float
        Of processor time.
    size : int
        Bytes of the greatest file that it may need to write.
    processes : int or None
        So many it may start beside itself, threads included; None for no limit.
    """
    most = int(seconds) + 1
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_AS: memory,
        # The signal that comes first leaves time for none but the system's end.
        resource.RLIMIT_CPU: most,
        resource.RLIMIT_FSIZE: size + _SPARE,
        resource.RLIMIT_NOFILE: _FILES,
    }
    if processes is not None:
        wanted[resource.RLIMIT_NPROC] = processes
    for which, limit in wanted.items():
        _, hard = resource.getrlimit(which)
        least = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(which, (least, least))


def settle(folder: Path) -> None:
    """Make a folder the only place that this process has.

    Parameters
    ----------
    folder : Path
        Its own; what is temporary goes there too.
    """
    own = folder / "tmp"
    own.mkdir(exist_ok=True)
    tempfile.tempdir = str(own)
    os.chdir(own)
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    os.umask(0o077)
