"""Classify files; the core of `manage.py classify` and `python -m pulsar_ml`."""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TextIO

from pulsar_ml import parquet, safe_csv
from pulsar_ml.errors import BadInput
from pulsar_ml.features import FEATURES
from pulsar_ml.formats.beside import paired
from pulsar_ml.formats.table import MAX_METADATA
from pulsar_ml.loader import Source, open_table, read
from pulsar_ml.place import placed

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
_REJECT_COLUMNS = ("file", "row", "column", "value", "reason")
_REJECTS_SHOWN = 10


_Record = tuple[str, int, str, str, str]


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


class _Refused(Exception):
    """Wrong usage; the message says what is wrong."""


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
        choices=("csv", "parquet"),
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
    try:
        sources = _sources(options)
        columns = [*_COLUMNS, *_metadata(sources)]
        chunks = _chunks(sources, columns, scorer, model_version, stderr)
        if options.out:
            counts = _to_file(chunks, columns, options.out, _kind(options))
        else:
            counts = _to_stream(chunks, columns, stdout, stderr)
    except _Refused as error:
        stderr.write(f"{error}\n")
        return 2
    except OSError as error:
        stderr.write(f"Stopped: {error}\n")
        return 1
    seconds = round(time.monotonic() - started, 3)
    summary = _Summary(*counts, model_version, seconds)
    text = json.dumps(summary._asdict()) if options.json else str(summary)
    (stdout if options.out else stderr).write(f"{text}\n")
    return 0 if summary.scored else 1


def _sources(options: argparse.Namespace) -> list[Source]:
    """Every file that is meant; what an earlier run wrote is not read again."""
    out = options.out
    if out and not out.parent.is_dir():
        raise _Refused(f"The folder of --out, {out.parent}, does not exist.")
    if not out and options.format == "parquet":
        raise _Refused("--format parquet needs --out FILE.")
    ours = {out.resolve(), _rejects(out).resolve()} if out else set()
    paths = []
    for path in options.paths:
        if path.is_dir():
            below = sorted(path.rglob("*"))
            paths += [
                p for p in below if _is_visible(p, path) and p.resolve() not in ours
            ]
        elif not path.exists():
            raise _Refused(f"{path}: there is no such file or folder.")
        elif path.resolve() in ours:
            raise _Refused(f"{path} would be overwritten by --out.")
        else:
            paths.append(path)
    return paired([Source(path, str(path)) for path in paths])


def _is_visible(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return not hidden and path.is_file()


def _rejects(out: Path) -> Path:
    return out.with_name(f"{out.name}.rejects.csv")


def _kind(options: argparse.Namespace) -> str:
    by_name = "parquet" if options.out.suffix.lower() == ".parquet" else "csv"
    return options.format or by_name


def _metadata(sources: Sequence[Source]) -> list[str]:
    """List the metadata columns of all files; their case makes no difference."""
    spelling: dict[str, str] = {}
    for source in sources:
        try:
            for name in open_table(source).metadata():
                spelling.setdefault(name.casefold(), name)
        except BadInput:
            continue  # becomes a reject when its turn comes
    return list(spelling.values())[:MAX_METADATA]


def _chunks(
    sources: Sequence[Source],
    columns: Sequence[str],
    scorer: "Scorer",
    model_version: str,
    stderr: TextIO,
) -> Iterator[_Scored]:
    spelling = {name.casefold(): name for name in columns}
    # File by file, so that rows are counted as the user would.
    for source in sources:
        for chunk in read([source]):
            stderr.writelines(f"{note}\n" for note in chunk.notes)
            frame = chunk.frame.rename(
                columns=lambda name: spelling.get(name.casefold(), name)
            )
            if len(frame):
                frame = scorer.classify(frame)
            absent = dict.fromkeys(name for name in columns if name not in frame)
            rows = frame.assign(**absent | {"model_version": model_version})
            rejects = [(r.file, r.row, *r[3:]) for r in chunk.rejects]
            yield _Scored(chunk.n_rows, rows[list(columns)], rejects)


def _to_stream(
    chunks: Iterator[_Scored], columns: Sequence[str], stdout: TextIO, stderr: TextIO
) -> _Counts:
    shown: list[_Record] = []

    def keep(scored: _Scored) -> None:
        safe_csv.write_frame(stdout, scored.rows)
        shown.extend(scored.rejects[: _REJECTS_SHOWN - len(shown)])

    safe_csv.write(stdout, [columns])
    counts = _each(chunks, keep)
    for file, row, column, value, reason in shown:
        what = f"{column} {value!r}" if column else value
        stderr.write(f"Rejected: {file}, row {row}: {what} {reason}\n")
    return counts


def _to_file(
    chunks: Iterator[_Scored], columns: Sequence[str], out: Path, kind: str
) -> _Counts:
    """Write FILE and its rejects whole or not at all; no FILE without a scored row."""
    with (
        # Beside FILE, so that the last step is a rename within one file system.
        tempfile.TemporaryDirectory(dir=out.parent, prefix=".classify-") as folder,
        _opened(Path(folder, "rejects")) as rejects,
        _opened(Path(folder, "scores")) as table,
    ):
        parts: list[Path] = []

        def keep(scored: _Scored) -> None:
            safe_csv.write(rejects, scored.rejects)
            if kind == "csv":
                safe_csv.write_frame(table, scored.rows)
            elif len(scored.rows):
                parts.append(Path(folder, f"{len(parts):06d}.parquet"))
                parquet.write(parts[-1], scored.rows, temp=Path(folder))

        safe_csv.write(rejects, [_REJECT_COLUMNS])
        safe_csv.write(table, [columns])
        counts = _each(chunks, keep)
        _place(rejects, _rejects(out))
        if counts.scored and kind == "csv":
            _place(table, out)
        elif counts.scored:
            parquet.join(out, parts, temp=Path(folder))
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


def _opened(path: Path) -> TextIO:
    return path.open("w", newline="", encoding="utf-8")


def _place(spooled: TextIO, path: Path) -> None:
    spooled.close()
    with placed(path) as unfinished:
        Path(spooled.name).replace(unfinished)
