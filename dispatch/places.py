"""Where schedules may read and write: nowhere but under the folders named for it."""

from contextlib import suppress
from pathlib import Path

from django.conf import settings

from dispatch.errors import DispatchError

# In the site's own storage, and made when they are needed.
_OURS = ("inbox", "outbox")


class NotAllowed(DispatchError):
    """A path that no schedule may use; the message names those it may."""


def allowed() -> list[Path]:
    """Every folder under which schedules may read and write."""
    root = _storage()
    ours = [root / name for name in _OURS]
    for folder in ours:
        # Whatever stands in its way is told of the path that is asked for.
        with suppress(OSError):
            folder.mkdir(exist_ok=True)
    named = [folder.resolve() for folder in settings.PULSAR.dispatch.folders]
    return [*ours, *(folder for folder in named if folder not in ours)]


def inside(path: str | Path) -> Path:
    """The path without links and detours, if schedules may use it."""
    folders = allowed()
    may = f"Schedules may use {_listed(folders)}, and what is below."
    if not Path(path).is_absolute() or "\0" in str(path):
        raise NotAllowed(f"{path!s} is no whole path from the root on. {may}")
    try:
        real = Path(path).resolve()
    except (OSError, RuntimeError) as error:  # links that lead in a circle
        raise NotAllowed(f"{path} leads nowhere. {may}") from error
    if not any(real.is_relative_to(folder) for folder in folders):
        raise NotAllowed(f"{path} is not under an allowed folder. {may}")
    if _is_of_storage(real):
        raise NotAllowed(f"{path} belongs to the site's own storage. {may}")
    return real


def _is_of_storage(real: Path) -> bool:
    """Whether it lies in the storage, or holds it, but for what is there for this."""
    root = _storage()
    if any(real.is_relative_to(root / name) for name in _OURS):
        return False
    return real.is_relative_to(root) or root.is_relative_to(real)


def _storage() -> Path:
    root: Path = settings.PULSAR.storage.root
    return root.resolve()


def _listed(folders: list[Path]) -> str:
    *others, last = map(str, folders)
    return f"{', '.join(others)} and {last}"
