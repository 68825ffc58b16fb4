"""Make a dataset of a labelled table: brought, to be fetched, or of a database."""

import hashlib
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from itertools import count, takewhile
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings

from monitor import crash, room
from monitor.fetch import NotFetched, fetch
from pulsar_ml.datasets import files, htru2, intake
from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.formats.table import Scratch
from pulsar_ml.loader import Source
from registry.datasets import ask, from_table, rejects
from registry.datasets.beat import BuildBeat, Seen
from registry.datasets.disk import temporary
from registry.datasets.keep import Wanted, keep
from registry.errors import CannotBuild
from registry.models import Build, Dataset

# The keys of its files in a build's order, and of presets.
TABLE, BESIDE, HTRU2 = "table", "observations", "htru2"
OFFLINE = (
    "Without a way to the network, fetch the file on another machine and bring it."
)


def bring_in(build: Build, beat: BuildBeat) -> dict[str, object]:
    """Bring the table in; what the build's row says at its end."""
    sources, said = _sources(build, beat)
    if not sources:
        raise CannotBuild(_nothing(build))
    beat.say("Reading", of=_size(sources))
    with rejects.writing(build) as refuse, _opened(build, sources[0]) as opened:
        read = [opened, *sources[1:]]
        table = beat.aside(partial(_read, build, read, refuse))
    crash.at("build.read")
    is_htru2 = build.order.get("preset") == HTRU2 or _is_htru2(opened.name)
    if is_htru2:
        files.check_htru2(table)
    wanted = Wanted(
        name=build.name,
        source=Dataset.Source.IMPORT,
        recipe={
            "files": list(build.order["files"].values()),
            "url": build.order.get("url", ""),
            "preset": build.order.get("preset", ""),
            "htru2": is_htru2,
            **_of_table(build),
            "notes": [*said, *table.notes],
            "treatments": [],
        },
        by=build.by,
        n_rejected=refuse.n,
    )
    dataset, is_new = keep(table, wanted, build.folder / f"made-{build.holder}", beat)
    if not is_new:
        said = (f"These very rows are {dataset} already.", *said)
    return {
        "dataset": dataset,
        "n_rows": len(table) + refuse.n,
        "n_rejected": refuse.n,
        "notes": [*said, *table.notes],
    }


def _nothing(build: Build) -> str:
    if told := build.order.get(from_table.TABLE):
        return f"There is no row in {from_table.title(told)}."
    return "Nothing was brought: a file or an address is needed."


def page(number: int) -> str:
    """The key of one of several files that are one table."""
    return f"{TABLE}-{number}" if number else TABLE


def _sources(build: Build, beat: BuildBeat) -> tuple[list[Source], tuple[str, ...]]:
    """What is to be read, and what was said of it before."""
    if build.order.get("url"):
        return [_fetched(build, beat)], ()
    brought = (ask.source(build, page(number)) for number in count())
    found = [source for source in takewhile(bool, brought) if source]
    if not found and from_table.TABLE in build.order:
        return from_table.read(build, beat)
    return found, ()


def _size(sources: Sequence[Source]) -> int:
    return sum(source.path.stat().st_size for source in sources)


def _of_table(build: Build) -> dict[str, Any]:
    """What a recipe says of a table of a database; of a file nothing."""
    told = build.order.get(from_table.TABLE)
    return {from_table.TABLE: told} if told else {}


def _opened(build: Build, source: Source) -> AbstractContextManager[Source]:
    # Fetched by hand, it is the same archive.
    is_archive = source.name.casefold() == htru2.ARCHIVE
    if is_archive or build.order.get("preset") == HTRU2:
        return htru2.opened(source)
    return nullcontext(source)


def _is_htru2(name: str) -> bool:
    return name.rpartition("!")[2].rpartition("/")[2] == files.HTRU2


def _read(
    build: Build, sources: Sequence[Source], refuse: rejects.Refusing, seen: Seen
) -> Labelled:
    size = _size(sources)
    told = build.order.get(from_table.TABLE)
    return intake.take_in(
        sources,
        name=from_table.title(told) if told else sources[0].name.rpartition("!")[2],
        beside=ask.source(build, BESIDE),
        refuse=refuse,
        seen=lambda n: seen(n, size),
    )


def _fetched(build: Build, beat: BuildBeat) -> Source:
    """The file at the address; one that is there was brought by an earlier attempt."""
    url = build.order["url"]
    path = build.folder / f"fetched-{build.holder}"
    beat.say(f"Fetching {url}"[:500])
    most = settings.PULSAR.showroom.max_upload_bytes
    try:
        beat.aside(partial(_fetch, url, path, most))
    except NotFetched as error:
        raise CannotBuild(f"{error} {OFFLINE}") from error
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    size = path.stat().st_size
    told: dict[str, Any] = {"name": _last(url)[:255], "size": size, "sha256": sha256}
    build.order["files"][TABLE] = told
    return Source(path, told["name"], scratch=Scratch(temporary(), room.check))


def _fetch(url: str, path: Any, most: int, seen: Seen) -> None:
    fetch(url, path, most=most, seen=seen)


def title(preset: str, url: str, name: str) -> str:
    """What a dataset is called where nobody says so."""
    if preset:
        return htru2.TITLE
    return name or _last(url)


def _last(url: str) -> str:
    """What a browser would call the file."""
    parts = urlsplit(url)
    return unquote(PurePosixPath(parts.path).name) or parts.netloc
