"""A network of one's own, that leads nowhere.

`python -m pulsar_ml.examine.alone` ends with 0 where the machine gives one.
"""

import ctypes
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

_USER, _NETWORK = 0x10000000, 0x40000000  # CLONE_NEWUSER, CLONE_NEWNET
_ROOT = Path(__file__).resolve().parents[2]


def leave() -> bool:
    """Leave the network of the machine, for good; only before any thread begins.

    Returns
    -------
    bool
        False where the machine does not allow it.
    """
    if sys.platform != "linux":
        return False
    system = ctypes.CDLL(None, use_errno=True)
    # Anybody may have a network in a world of users of one's own, where the machine
    # has that; without, it takes root.
    both = system.unshare(_USER | _NETWORK)
    return bool(both == 0 or system.unshare(_NETWORK) == 0)


@lru_cache(maxsize=1)
def is_possible() -> bool:
    """Try in a process of its own whether a network of one's own is given.

    Returns
    -------
    bool
        Asked once; the machine does not change its mind.
    """
    tried = subprocess.run(
        [sys.executable, "-S", "-m", "pulsar_ml.examine.alone"],
        cwd=_ROOT,
        env={},
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    return tried.returncode == 0


if __name__ == "__main__":
    sys.exit(not leave())
