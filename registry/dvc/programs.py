"""Have git commit, and DVC push: programs of the machine, if it has them."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from registry.dvc.errors import NotPushed, Refused

COMMIT_SECONDS = 60
PUSH_SECONDS = 600


def committed(root: Path, paths: Sequence[Path], message: str) -> str:
    """The commit that holds the paths, made if there is none; empty without git."""
    git, names = shutil.which("git"), list(map(str, paths))
    if git is None or _is_no_tree(git, root):
        return ""
    _git(git, root, "add", "--", *names)
    if _git(git, root, "status", "--porcelain", "--", *names):
        # Of these paths alone: what others have staged stays staged.
        _git(git, root, *_author(), "commit", "-q", "-m", message, "--", *names)
    return _git(git, root, "log", "-1", "--format=%H", "--", names[-1])


def pushed(root: Path, told: Path) -> bool:
    """Send the contents to the remote; whether there was a program to do it."""
    wanted = settings.PULSAR.export
    dvc = shutil.which(wanted.dvc_program)
    if dvc is None:
        return False
    words = [dvc, "push", "-q", "-r", wanted.dvc_remote, str(told)]
    code, _, complaint = _run(words, root, PUSH_SECONDS)
    if code:
        raise NotPushed(f"It is in the repository; dvc push failed: {complaint}")
    return True


def _author() -> tuple[str, ...]:
    site = settings.PULSAR.site
    host = urlsplit(site.address).hostname
    return ("-c", f"user.name={site.name}", "-c", f"user.email=pulsarsite@{host}")


def _is_no_tree(git: str, root: Path) -> bool:
    words = [git, "rev-parse", "--is-inside-work-tree"]
    code, _, complaint = _run(words, root, COMMIT_SECONDS)
    if code and "not a git repository" not in complaint:
        raise Refused(f"git refused: {complaint}")
    return code != 0


def _git(git: str, root: Path, *words: str) -> str:
    code, said, complaint = _run([git, *words], root, COMMIT_SECONDS)
    if code:
        raise Refused(f"It is in the repository; git refused: {complaint}")
    return said


def _run(words: list[str], root: Path, seconds: float) -> tuple[int, str, str]:
    # A hook that has called us must not lend us its repository.
    given = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    quiet = {"LC_ALL": "C.UTF-8", "GIT_TERMINAL_PROMPT": "0", "DVC_NO_ANALYTICS": "1"}
    name = Path(words[0]).name
    try:
        done = subprocess.run(  # noqa: S603  # installed by who runs the site
            words,
            cwd=root,
            env=given | quiet,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return 1, "", f"{name} did not end within {seconds:.0f} s."
    except OSError as error:
        return 1, "", f"{name} cannot be started: {error.strerror}."
    complaint = " ".join((done.stderr or done.stdout).split())
    return done.returncode, done.stdout.strip(), complaint or f"exit {done.returncode}"
