"""Which code a training ran with: the commit, and the versions of what it stands on."""

import platform
import re
from importlib.metadata import version
from pathlib import Path

from django.conf import settings

_PACKAGES = (
    "duckdb",
    "numpy",
    "onnx",
    "onnxruntime",
    "pandas",
    "scikit-learn",
    "scipy",
    "skl2onnx",
)
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def packages() -> dict[str, str]:
    """Each that has a say in the result, and Python itself."""
    found = {name: version(name) for name in _PACKAGES}
    return {"python": platform.python_version(), **found}


def commit(root: Path | None = None) -> str:
    """The commit that is checked out; empty where the code came without git.

    Read from its files: a site need not have the program.
    """
    try:
        found = _resolve(_folder((root or settings.BASE_DIR) / ".git"))
    except (OSError, UnicodeDecodeError):
        return ""
    return found if _COMMIT.fullmatch(found) else ""


def _folder(git: Path) -> Path:
    """Beside a second checkout stands a file that says where the folder is."""
    if git.is_dir():
        return git
    return git.parent / git.read_text().removeprefix("gitdir:").strip()


def _resolve(git: Path) -> str:
    head = (git / "HEAD").read_text().strip()
    if not head.startswith("ref:"):
        return head
    name = head.removeprefix("ref:").strip()
    shared = git / "commondir"
    common = git / shared.read_text().strip() if shared.exists() else git
    for file in (git / name, common / name):
        if file.is_file():
            return file.read_text().strip()
    packed = (common / "packed-refs").read_text().splitlines()
    return next((line.split()[0] for line in packed if line.endswith(f" {name}")), "")
