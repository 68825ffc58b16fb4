"""Whether there is room on the site's disk, so that the databases never lack it."""

import errno
import shutil
from collections.abc import Callable

from django.conf import settings
from django.template.defaultfilters import filesizeformat

# What a part of scores may take with all that is needed to write it. Work that waited
# for room is taken up when there is this much, or it would stop again at once.
PART = 16 * 1024**2


def free() -> int:
    """Bytes that this user may still write."""
    return shutil.disk_usage(settings.PULSAR.storage.root).free


def spare() -> int:
    """Bytes that may be written before the reserve is touched."""
    return max(0, free() - settings.PULSAR.storage.reserve_bytes)


def shortage(wanted: int = 0) -> str:
    """That less than the reserve would be left, in words; empty if there is room."""
    reserve = settings.PULSAR.storage.reserve_bytes
    return words(wanted) if free() - wanted < reserve else ""


def check() -> None:
    """Raise what a full disk raises, while there still is the reserve."""
    if reason := shortage():
        raise OSError(errno.ENOSPC, reason)


def allowance(n_bytes: int) -> Callable[[int], None]:
    """What is told of bytes, and raises once there were more than these in all."""
    left = n_bytes

    def spend(n_more: int) -> None:
        nonlocal left
        left -= n_more
        if left < 0:
            most = filesizeformat(n_bytes)
            raise OSError(errno.EDQUOT, f"more than {most} would be unpacked")

    return spend


def suffices() -> bool:
    """Whether work that waited for room can go on."""
    return not shortage(PART)


def is_lacking(error: OSError) -> bool:
    """Whether this error says that the disk is full, whoever raised it."""
    return error.errno in {errno.ENOSPC, errno.EDQUOT}


def words(wanted: int = 0) -> str:
    """How much the disk lacks for what is wanted, for people."""
    reserve, left = settings.PULSAR.storage.reserve_bytes, free()
    lacking = reserve + wanted - left
    if lacking <= 0:  # it was said to be full, and somebody has made room since
        return f"The disk is full: {filesizeformat(left)} free."
    stays = f", as {filesizeformat(reserve)} must stay free" if reserve else ""
    return f"The disk is full: {filesizeformat(lacking)} lacking{stays}."
