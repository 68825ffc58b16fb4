"""Have the real DVC judge what the site puts into a repository.

    python benchmarks/dvc_repository.py
    python benchmarks/dvc_repository.py --dvc /opt/dvc/bin/dvc

installs DVC in an environment of its own, or takes the one that is named; makes a git
and DVC repository with a remote, and a site; exports twice; then asks DVC whether all
is clean, whether it would have written the same, and whether the remote has it all.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
LABELS = 2_000

Run = Callable[..., str]


def main() -> None:
    """Make it all below one temporary folder, and ask."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dvc", type=Path)
    wanted = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        dvc = (wanted.dvc or installed(folder / "environment")).resolve()
        repository = folder / "repository"
        run = prepared(repository, dvc)
        print("DVC", run(dvc, "--version"))
        export_twice(folder, repository, dvc)
        judge(repository, folder / "remote", dvc, run)


def installed(folder: Path) -> Path:
    """DVC from PyPI, with nothing of ours beside it."""
    venv.create(folder, with_pip=True)
    program = folder / "bin" / "dvc"
    subprocess.run(
        [program.with_name("pip"), "install", "--quiet", "dvc>=3,<4"], check=True
    )
    return program


def prepared(repository: Path, dvc: Path) -> Run:
    """A repository as docs/operations.md sets it up, and what runs programs in it."""
    repository.mkdir()

    def run(*words: object) -> str:
        done = subprocess.run(
            list(map(str, words)),
            cwd=repository,
            env=os.environ | {"DVC_NO_ANALYTICS": "1"},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return done.stdout.strip()

    run("git", "init", "--quiet")
    run(dvc, "init", "--quiet")
    run(dvc, "remote", "add", "--quiet", "store", "../remote")
    run("git", "config", "user.name", "ana")
    run("git", "config", "user.email", "ana@localhost")
    run("git", "commit", "--quiet", "-am", "Begin")
    return run


def export_twice(folder: Path, repository: Path, dvc: Path) -> None:
    """Through the verbs, as the workers do it."""
    config = folder / "site.yaml"
    config.write_text(
        f"storage: {{root: {folder / 'var'}}}\n"
        f"export: {{dvc_repository: {repository}, dvc_remote: store,"
        f" dvc_program: {dvc}}}\n"
    )
    os.environ |= {
        "CONFIG_FILE": str(config),
        "DJANGO_SETTINGS_MODULE": "pulsarsite.settings",
    }
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    from django.core.management import call_command

    from registry.dvc.fill import fill
    from registry.exports.ask import ask
    from registry.exports.work import work
    from registry.models import Export, Model
    from registry.tests.exporting import label

    call_command("prepare", verbosity=0)
    for number in (1, 2):
        for n in range(LABELS):
            label(number * LABELS + n)
        work(ask(Model.objects.get(name="pulsar"), by=None).export)
        began = time.monotonic()
        fill()
        export = Export.objects.get(number=number)
        same(export.dvc_note or export.reason, "")
        print(f"{export}: {time.monotonic() - began:.1f} s, {export.dvc_commit}")


def judge(repository: Path, remote: Path, dvc: Path, run: Run) -> None:
    """Ask DVC and git; then lose all data, and have it back from the remote."""
    clean = "Data and pipelines are up to date."
    same(run(dvc, "status"), clean)
    cloud = run(dvc, "status", "--cloud", "--remote", "store")
    same(cloud, "Cache and remote 'store' are in sync.")
    same(run("git", "rev-list", "--count", "HEAD"), "3")
    for number in (1, 2):
        run(dvc, "add", "--quiet", f"labels/pulsar/{number}")
    same(run("git", "status", "--porcelain"), "")
    print("status is clean, the remote is in sync, dvc add changes nothing")
    before = hashes(repository / "labels")
    shutil.rmtree(repository / ".dvc" / "cache")
    for number in (1, 2):
        shutil.rmtree(repository / "labels" / "pulsar" / str(number))
    run(dvc, "pull", "--quiet", "--remote", "store")
    same(hashes(repository / "labels"), before)
    same(run(dvc, "status"), clean)
    kept = sum(path.is_file() for path in remote.rglob("*"))
    print(f"{len(before)} files are back, the same; the remote keeps {kept} contents")


def same(found: object, wanted: object) -> None:
    """End here, in words, if it is not so."""
    if found != wanted:
        sys.exit(f"found {found!r}\nwanted {wanted!r}")


def hashes(folder: Path) -> dict[str, str]:
    """What every file below it holds."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in found
    }


if __name__ == "__main__":
    main()
