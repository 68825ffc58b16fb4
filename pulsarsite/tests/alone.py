"""A machine without a network, and a note of whoever asks for one all the same."""

import ctypes
import fcntl
import os
import re
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conftest import program, require

_NETWORK = 0x40000000  # CLONE_NEWNET
_UP = struct.pack("16sh14x", b"lo", 0x1 | 0x40)  # IFF_UP, IFF_RUNNING
_SET_FLAGS = 0x8914  # SIOCSIFFLAGS
_CALLS = "trace=connect,sendto,sendmsg,sendmmsg"
_ELSEWHERE = re.compile(
    # Whoever answers questions for names may well listen on this machine.
    r'htons\(53\)|inet_addr\("(?!127\.)|inet_pton\(AF_INET6, "(?!::1")'
)


@contextmanager
def alone() -> Iterator[None]:
    """This thread, and all that it starts, reach nothing but this machine itself."""
    system = ctypes.CDLL(None, use_errno=True)
    with Path("/proc/thread-self/ns/net").open() as home:
        refused = system.unshare(_NETWORK)
        require(not refused, f"no network apart: {os.strerror(ctypes.get_errno())}")
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as any_one:
                fcntl.ioctl(any_one, _SET_FLAGS, _UP)
            yield
        finally:
            system.setns(home.fileno(), _NETWORK)


def traced(log: Path) -> tuple[str, ...]:
    """What a command begins with whose asking, and its children's, goes to a log."""
    quick = ("--daemonize", "--seccomp-bpf", "--quiet=all", "--signal=none")
    return program("strace"), *quick, "-f", "-A", "-e", _CALLS, "-o", str(log)


def attempts(log: Path) -> list[str]:
    """Each attempt to reach anything but this machine."""
    return [line for line in log.read_text().splitlines() if _ELSEWHERE.search(line)]
