"""Bring exports that have ended well into the repository: one after the other."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.timezone import now

from monitor import crash
from monitor.events import record
from registry.dvc.errors import Busy, NotPushed, Refused
from registry.dvc.place import DRAFTS, placed
from registry.dvc.programs import committed, pushed
from registry.models import Export


def fill(stopping: Callable[[], bool] = lambda: False) -> None:
    """Bring in what waits, unless another does: that one takes ours along."""
    root = settings.PULSAR.export.dvc_repository
    if root is None or not Export.objects.waiting_for_dvc().exists():
        return
    try:
        with _alone(root):
            _fill(root, stopping)
    except Busy as error:
        Export.objects.waiting_for_dvc().filter(dvc_note="").update(dvc_note=str(error))
    except Refused as error:
        for export in Export.objects.waiting_for_dvc().select_related("model"):
            _note(export, str(error))


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Hold the repository as long as this process lives; a kill lets it go."""
    if not (root / ".dvc" / "config").is_file():
        raise Refused(f"{root} is no DVC repository: dvc init makes one.")
    try:
        (root / DRAFTS).mkdir(parents=True, exist_ok=True)
        lock = (root / DRAFTS / "lock").open("w")
    except OSError as error:
        raise Refused(_words(error)) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy("It waits for another export to be brought in.") from error
        yield


def _fill(root: Path, stopping: Callable[[], bool]) -> None:
    tried, away = 0, ""
    # Looked for each time, as one may have come whose worker found us here.
    while not stopping() and (export := _next(tried)):
        tried = export.pk
        Export.objects.filter(pk=export.pk).update(dvc_tried_at=now())
        try:
            _bring(root, export, away)
        except NotPushed as error:
            _note(export, str(error))
            # The others would wait as long for it, each of them.
            away = away or (
                "It is in the repository; it is not pushed, as that has failed for"
                f" {export}."
            )
        except Refused as error:
            _note(export, str(error))
        except OSError as error:
            _note(export, _words(error))


def _next(tried: int) -> Export | None:
    waiting = Export.objects.waiting_for_dvc().select_related("model")
    return waiting.filter(pk__gt=tried).first()


def _bring(root: Path, export: Export, away: str) -> None:
    paths = placed(root, export)
    commit = committed(root, paths, _message(export))
    crash.at("dvc.committed")
    Export.objects.filter(pk=export.pk).update(dvc_commit=commit)
    notes: list[str] = []
    if not commit:
        notes.append("It is not committed: there is no git, or no git repository.")
    if settings.PULSAR.export.dvc_remote:
        if away:
            raise NotPushed(away)
        if not pushed(root, paths[-1]):
            notes.append("It is not pushed: there is no DVC on this machine.")
    note = " ".join(notes)
    with transaction.atomic():
        Export.objects.filter(pk=export.pk).update(dvc_at=now(), dvc_note=note)
        record("export.stored", about=str(export), commit=commit, note=note)


def _message(export: Export) -> str:
    told = export.manifest
    hashes = [f"{one['sha256']}  {name}" for name, one in told["files"].items()]
    counts = f"Labels: {told['labels']}, of them pulsars: {told['pulsars']}."
    return "\n".join([f"Add {export}", "", counts, "", *hashes])


def _note(export: Export, reason: str) -> None:
    reason = reason[:500]
    waiting = Export.objects.filter(pk=export.pk, dvc_at=None)
    with transaction.atomic():
        waiting.update(dvc_tried_at=now())
        # Told once, however often it is tried.
        if waiting.exclude(dvc_note=reason).update(dvc_note=reason):
            record("export.not_stored", about=str(export), reason=reason)


def _words(error: OSError) -> str:
    of = f" ({error.filename})" if error.filename else ""
    return f"It cannot be brought in{of}: {error.strerror or error}."
