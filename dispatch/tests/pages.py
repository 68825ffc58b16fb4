"""What the tests of the pages of schedules share."""

from pathlib import Path

from django.contrib.messages import get_messages
from django.http import HttpResponse


def filled(folder: Path, **values: str) -> dict[str, str]:
    """The form of a schedule as an admin fills it in, but for these values."""
    return {
        "name": "Each night",
        "slug": "",
        "cron": "0 2 * * *",
        "source_kind": "folder",
        "folder-folder": str(folder),
        "folder-patterns": "*.csv *.pfd",
        "folder-settle_seconds": "0",
        "folder-marker": "",
        "sink_kind": "scores",
        "files-folder": str(folder.with_name("outbox")),
        "files-format": "csv",
        "reference": "pulsar@champion",
        "timeout_seconds": "60",
        "retries": "2",
        "retry_seconds": "60",
        "concurrency": "Forbid",
        "catch_up": "last",
        "catch_up_most": "10",
        "start_within": "5",
    } | values


def text(answer: HttpResponse) -> str:
    """A page with single spaces."""
    return " ".join(answer.content.decode().split())


def said(answer: HttpResponse) -> list[str]:
    """What the next page will tell first."""
    return [str(message) for message in get_messages(answer.wsgi_request)]


def errors(answer: HttpResponse) -> dict[str, list[str]]:
    """Every error of the form and of the forms within, by its field."""
    form = answer.context["form"]
    found = dict(form.errors)
    for kind in (*form.sources, *form.sinks):
        found |= {f"{kind.kind}-{name}": said for name, said in kind.errors.items()}
    return found


def unwritable(storage: Path) -> None:
    """Have the next write of the crontab fail, and that one alone."""
    (storage / "crontab.part").symlink_to(storage / "nowhere" / "crontab")
