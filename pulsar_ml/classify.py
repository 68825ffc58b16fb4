"""Classify files; the core of `manage.py classify` and `python -m pulsar_ml`."""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TextIO

from pulsar_ml import files, safe_csv
from pulsar_ml.features import FEATURES
from pulsar_ml.files import Refused
from pulsar_ml.loader import Source, read
from pulsar_ml.place import placed
from pulsar_ml.progress import Progress
from pulsar_ml.writers import csv_file
from pulsar_ml.writers.columns import Column, results
from pulsar_ml.writers.format import Format
from pulsar_ml.writers.sheet import Provenance
from pulsar_ml.writers.spool import Spool
from pulsar_ml.writers.write import FORMATS, by_name, by_suffix

if TYPE_CHECKING:
    import pandas as pd

    from pulsar_ml.serving import Scorer

_COLUMNS = (
    "name",
    *FEATURES,
    "probability",
    "predicted",
    "warnings",
    "model_version",
)
_REJECT_COLUMNS = ("file", "row", "column", "value", "reason", "name")
_REJECTS_SHOWN = 10


_Record = tuple[str, int, str, str, str, str]


class _Summary(NamedTuple):
    rows: int
    scored: int
    pulsars: int
    rejected: int
    model_version: str
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.scored:,} of {self.rows:,} rows scored by {self.model_version}: "
            f"{self.pulsars:,} pulsars, {self.rejected:,} rejected, "
            f"{self.seconds:.1f} s."
        )


class _Counts(NamedTuple):
    rows: int
    scored: int
    pulsars: int
    rejected: int


class _Scored(NamedTuple):
    """One chunk of one file: its rows as they are written, and its rejects."""

    n_rows: int
    rows: "pd.DataFrame"
    rejects: list[_Record]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `run` takes, but for the model, which each door names its way.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        Of the command.
    """
    parser.add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="a file, or a folder that is read with all below it",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="where the results go, and FILE.rejects.csv; else to standard output",
    )
    parser.add_argument(
        "--format",
        choices=[known.name for known in FORMATS],
        help="of FILE; by its name if not given",
    )
    parser.add_argument(
        "--json", action="store_true", help="print the summary as one line of JSON"
    )


def run(
    options: argparse.Namespace,
    scorer: "Scorer",
    model_version: str,
    stdout: TextIO,
    stderr: TextIO,
) -> int:
    """Classify every row of every file.

    Parameters
    ----------
    options : argparse.Namespace
        What `add_arguments` declares.
    scorer : Scorer
        The model.
    model_version : str
        Its name, for the results.
    stdout, stderr : text files
        Where results and summary go.

    Returns
    -------
    int
        0 if something was scored, 1 if nothing, 2 on wrong usage.
    """
    started = time.monotonic()
    # Rows that scroll by would tear the bar apart.
    progress = Progress(stderr, shown=bool(options.out) or not stdout.isatty())
    try:
        counts = _classify(options, scorer, model_version, stdout, progress)
    except Refused as error:
        stderr.write(f"{error}\n")
        return 2
    except OSError as error:
        progress.say(f"Stopped: {error}\n")
        return 1
    finally:
        progress.end()
    seconds = round(time.monotonic() - started, 3)
    summary = _Summary(*counts, model_version, seconds)
    text = json.dumps(summary._asdict()) if options.json else str(summary)
    (stdout if options.out else stderr).write(f"{text}\n")
    return 0 if summary.scored else 1


def _classify(
    options: argparse.Namespace,
    scorer: "Scorer",
    model_version: str,
    stdout: TextIO,
    progress: Progress,
) -> _Counts:
    kind = _kind(options)
    sources = files.sources(options.paths, options.out)
    metadata = files.metadata(sources)
    columns = _columns(metadata)
    headings = [*_COLUMNS, *metadata]
    chunks = _chunks(sources, headings, scorer, model_version, progress)
    if not options.out:
        return _to_stream(chunks, columns, stdout, progress)
    provenance = _provenance(sources, scorer, model_version)
    return _to_file(chunks, columns, options.out, kind, provenance, progress)


def _kind(options: argparse.Namespace) -> Format:
    if options.format and not options.out and options.format != csv_file.FORMAT.name:
        raise Refused(f"--format {options.format} needs --out FILE.")
    asked = by_name(options.format) if options.format else by_suffix(options.out or "")
    return asked or csv_file.FORMAT


def _columns(metadata: Sequence[str]) -> tuple[Column, ...]:
    # Names of ours, so that none from a file reaches a query.
    sources = [(name, f"meta_{place}") for place, name in enumerate(metadata)]
    return results(sources, version="model_version", numbered=False)


def _provenance(
    sources: Sequence[Source], scorer: "Scorer", model_version: str
) -> Provenance:
    names = [source.name for source in sources]
    return Provenance(
        title=names[0] if len(names) == 1 else f"{len(names)} files",
        model_version=model_version,
        model_sha256=scorer.sha256,
        threshold=scorer.threshold,
        written_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    )


def _chunks(
    sources: Sequence[Source],
    columns: Sequence[str],
    scorer: "Scorer",
    model_version: str,
    progress: Progress,
) -> Iterator[_Scored]:
    spelling = {name.casefold(): name for name in columns}
    sizes = [source.path.stat().st_size for source in sources]
    n_rows = 0
    # File by file, so that rows are counted as the user would.
    for place, source in enumerate(sources):
        for chunk in read([source]):
            progress.say("".join(f"{note}\n" for note in chunk.notes))
            frame = chunk.frame.rename(
                columns=lambda name: spelling.get(name.casefold(), name)
            )
            if len(frame):
                frame = scorer.classify(frame)
            absent = dict.fromkeys(name for name in columns if name not in frame)
            rows = frame.assign(**absent | {"model_version": model_version})
            rejects = [(r.file, r.row, *r[3:]) for r in chunk.rejects]
            yield _Scored(chunk.n_rows, rows[list(columns)], rejects)
            n_rows += chunk.n_rows
            progress.reading(sum(sizes[:place]) + chunk.bytes_read, sum(sizes), n_rows)


def _to_stream(
    chunks: Iterator[_Scored],
    columns: Sequence[Column],
    stdout: TextIO,
    progress: Progress,
) -> _Counts:
    shown: list[_Record] = []

    def keep(scored: _Scored) -> None:
        safe_csv.write_frame(stdout, scored.rows)
        shown.extend(scored.rejects[: _REJECTS_SHOWN - len(shown)])

    safe_csv.write(stdout, [[column.name for column in columns]])
    counts = _each(chunks, keep)
    for file, row, column, value, reason, _ in shown:
        what = f"{column} {value!r}" if column else value
        progress.say(f"Rejected: {file}, row {row}: {what} {reason}\n")
    return counts


def _to_file(
    chunks: Iterator[_Scored],
    columns: Sequence[Column],
    out: Path,
    kind: Format,
    provenance: Provenance,
    progress: Progress,
) -> _Counts:
    """Write FILE and its rejects whole or not at all; no FILE without a scored row."""
    with (
        # Beside FILE, so that the last step is a rename within one file system.
        tempfile.TemporaryDirectory(dir=out.parent, prefix=".classify-") as folder,
        Path(folder, "rejects").open("w", newline="", encoding="utf-8") as rejects,
    ):
        spool = Spool(Path(folder), columns)

        def keep(scored: _Scored) -> None:
            safe_csv.write(rejects, scored.rejects)
            spool.add(scored.rows)

        safe_csv.write(rejects, [_REJECT_COLUMNS])
        counts = _each(chunks, keep)
        if counts.scored:
            spool.write(out, kind, provenance, progress.writing)
        _place(rejects, files.rejects_of(out))
    return counts


def _each(chunks: Iterator[_Scored], keep: Callable[[_Scored], None]) -> _Counts:
    rows = scored = pulsars = rejected = 0
    for chunk in chunks:
        keep(chunk)
        rows += chunk.n_rows
        scored += len(chunk.rows)
        pulsars += int((chunk.rows["predicted"] == 1).sum())
        rejected += len(chunk.rejects)
    return _Counts(rows, scored, pulsars, rejected)


def _place(spooled: TextIO, path: Path) -> None:
    spooled.close()
    with placed(path) as unfinished:
        Path(spooled.name).replace(unfinished)
