"""What a back-up costs: processor seconds of `backup`, `restore` and a plain `cp -r`.

    python benchmarks/backup.py --files 20000 --gigabytes 1 --folder /srv/trial

makes a storage of so many files under the folder, and a database of half a gigabyte
into which four writers put a row every few milliseconds while it is copied.
"""

import argparse
import multiprocessing
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from multiprocessing.synchronize import Event
from pathlib import Path

ROOT = Path(__file__).parents[1]
WRITERS = 4
DATABASE = 500_000_000


def main() -> None:
    """Make it, copy it three ways, and print what each took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--gigabytes", type=float, default=1)
    wanted = parser.parse_args()
    made, site, back = (wanted.folder / name for name in ("made", "site", "back"))
    for folder in (site, back):
        folder.mkdir(parents=True)
        (folder / "site.yaml").write_text("storage: {root: var}\n")
    manage(site, "prepare")
    fill(site / "var", wanted.files, int(wanted.gigabytes * 1e9))
    plain = took(["cp", "-r", str(site / "var"), str(wanted.folder / "plain")])
    stop = multiprocessing.Event()
    writers = [
        multiprocessing.Process(target=write, args=(site / "var", n, stop))
        for n in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    backup = manage(site, "backup", str(made))
    stop.set()
    for writer in writers:
        writer.join()
    restore = manage(back, "restore", str(made))
    for name, (cpu, seconds) in zip(
        ("cp -r", "backup", "restore"), (plain, backup, restore), strict=True
    ):
        ratio = cpu / plain[0]
        print(f"{name:8} {cpu:6.1f} CPU s {seconds:6.0f} s {ratio:5.1f} x")
    shutil.rmtree(wanted.folder)


def fill(root: Path, files: int, size: int) -> None:
    """Make files of logs, which no row refers to, and a large database."""
    (root / "runs").mkdir(exist_ok=True)
    block = os.urandom(size // files)
    for n in range(files):
        (root / "runs" / f"{n}.log").write_bytes(block)
    with closing(sqlite3.connect(root / "default.sqlite3")) as database:
        database.execute("CREATE TABLE filler (n INTEGER, bytes BLOB)")
        million = ((n, os.urandom(1_000_000)) for n in range(DATABASE // 1_000_000))
        database.executemany("INSERT INTO filler VALUES (?, ?)", million)
        database.commit()


def write(root: Path, number: int, stop: Event) -> None:
    """Put in a row again and again; say how long the longest had to wait."""
    longest = 0.0
    file = root / "default.sqlite3"
    with closing(sqlite3.connect(file, timeout=20, isolation_level=None)) as database:
        while not stop.wait(0.005):
            began = time.monotonic()
            database.execute("INSERT INTO filler VALUES (?, 'x')", [number])
            longest = max(longest, time.monotonic() - began)
    print(f"writer {number} waited {longest:.2f} s at most")


def manage(folder: Path, *words: str) -> tuple[float, float]:
    """Run a command of a site."""
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    return took(command, CONFIG_FILE=str(folder / "site.yaml"))


def took(command: list[str], **environ: str) -> tuple[float, float]:
    """Processor seconds of a command, and those that went by."""
    before, began = os.times(), time.monotonic()
    subprocess.run(
        command, check=True, env=os.environ | environ, stdout=subprocess.DEVNULL
    )
    after = os.times()
    cpu = after.children_user - before.children_user
    cpu += after.children_system - before.children_system
    return cpu, time.monotonic() - began


if __name__ == "__main__":
    main()
