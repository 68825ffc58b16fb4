"""Lets Debian's real cron live through nights of DST, and compares what it started.

As root, with `cron` and `libfaketime` installed: python benchmarks/cron_nights.py
The daemon runs in mount namespaces of its own, where nobody else has a crontab, by a
clock 40 times as fast; three nights side by side take about four minutes.
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import django

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pulsarsite.settings")
django.setup()

from monitor.clock.wall import occurrences  # noqa: E402
from monitor.tests.nights import CRONS, NIGHTS, Night, told  # noqa: E402  # after the set-up

SPEED = 40
# It is told its time as the wall has it, so it begins before the hour that comes twice.
BEFORE, AFTER = timedelta(minutes=65), timedelta(minutes=70)
LIBRARY = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
# Nothing of the machine's own tables is seen or written.
ALONE = """
set -e
mount --make-rprivate /
mount -t tmpfs none /var/spool/cron/crontabs
chmod 1730 /var/spool/cron/crontabs
mount -t tmpfs none /run
mount -t tmpfs none /etc/cron.d
mount --bind /dev/null /etc/crontab
crontab "$1"
shift
exec env "$@" cron -f
"""


def lived(night: Night) -> dict[str, list[datetime]]:
    """The minutes, in UTC, at which the daemon started each line."""
    with TemporaryDirectory(prefix="cron-night-") as folder:
        return _lived(night, Path(folder))


def _lived(night: Night, folder: Path) -> dict[str, list[datetime]]:
    note = folder / "note"
    note.write_text('#!/bin/sh\ndate "+$1 %s.%N" >> "${0%/*}/noted"\n')
    note.chmod(0o755)
    table = folder / "table"
    table.write_text("".join(f"{cron} {note} {n}\n" for n, cron in enumerate(CRONS)))
    began = night.change - BEFORE
    local = began.astimezone(night.zone).strftime("%Y-%m-%d %H:%M:%S")
    faked = [f"TZ={night.zone.key}", f"FAKETIME=@{local} x{SPEED}"]
    command = ["unshare", "-m", "sh", "-c", ALONE, "sh", table, *faked]
    daemon = subprocess.Popen([*command, f"LD_PRELOAD={LIBRARY}"])
    while Path(f"/proc/{daemon.pid}/comm").read_text() != "cron\n":
        time.sleep(0.01)
    start = time.time()
    time.sleep((BEFORE + AFTER).total_seconds() / SPEED)
    daemon.kill()
    daemon.wait()
    found = {cron: [] for cron in CRONS}
    for line in (folder / "noted").read_text().splitlines():
        number, real = line.split()
        at = began + timedelta(seconds=(float(real) - start) * SPEED)
        found[CRONS[int(number)]].append(at.replace(second=0, microsecond=0))
    return found


def main() -> None:
    """Print for each night and line what the daemon did, and whether we say so too."""
    chosen = [NIGHTS[place] for place in (0, 1, 5)]
    with ThreadPoolExecutor(len(chosen)) as side_by_side:
        results = zip(chosen, list(side_by_side.map(lived, chosen)), strict=True)
    wrong = 0
    for night, found in results:
        print(f"{night.name}: {night.told}")
        since, until = (
            night.change - BEFORE,
            night.change + AFTER - timedelta(minutes=2),
        )
        for cron, started in found.items():
            by_daemon = sorted({at.astimezone(UTC) for at in started if at <= until})
            ours = list(occurrences(cron, since, until, night.zone))
            same = by_daemon == ours
            wrong += not same
            sign = "as computed" if same else f"computed: {told(ours, night)}"
            print(f"  {cron:14} {told(by_daemon, night)}  {sign}")
    sys.exit(f"{wrong} lines differ" if wrong else 0)


if __name__ == "__main__":
    main()
