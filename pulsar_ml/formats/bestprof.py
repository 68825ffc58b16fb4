"""The text that prepfold writes beside a PFD: its significance, and a check on it."""

import re
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.errors import BadInput
from pulsar_ml.formats.pfd import Pfd
from pulsar_ml.formats.table import Format, Source

SUFFIX = ".bestprof"
_MAX_BYTES = 2**20
_FIELD = re.compile(r"#\s*([^=]*?)\s*[=<]\s*(.*?)\s*")
_SIGMA = re.compile(r"\(~?\s*([0-9.]+) sigma\)")


class Bestprof(NamedTuple):
    """What is taken from the file; the profile has shape (n_bins,)."""

    candidate: str
    sigma: float | None
    reduced_chi2: float | None
    profile: NDArray[np.float64]


def parse(text: str) -> Bestprof:
    """Parse the file.

    Parameters
    ----------
    text : str
        Its content.

    Returns
    -------
    Bestprof
        Significance in Gaussian sigma, reduced chi-square, profile.

    Raises
    ------
    BadInput
        A value is no number.
    """
    lines = text.splitlines()
    found = (_FIELD.fullmatch(line) for line in lines if line.startswith("#"))
    fields = {match[1]: match[2] for match in found if match}
    sigma = _SIGMA.search(fields.get("Prob(Noise)", ""))
    bins = [line.split() for line in lines if line.strip() and line[0] != "#"]
    try:
        chi2 = fields.get("Reduced chi-sqr")
        return Bestprof(
            fields.get("Candidate", ""),
            float(sigma[1]) if sigma else None,
            float(chi2) if chi2 else None,
            np.array([value for _, value in bins], dtype=np.float64),
        )
    except ValueError as error:
        raise BadInput("is no .bestprof: its values are not numbers") from error


def enrich(candidate: Pfd, path: Path) -> Pfd:
    """Give a PFD the significance that its ``.bestprof`` has.

    Parameters
    ----------
    candidate : Pfd
        The candidate.
    path : Path
        The file beside it.

    Returns
    -------
    Pfd
        With the sigma in its header; or, if the file is not of this candidate, as it
        was and with a note.
    """
    with path.open("rb") as file:
        text = file.read(_MAX_BYTES).decode("latin-1")
    try:
        found = parse(text)
    except BadInput as error:
        return _without(candidate, str(error))
    if found.candidate != candidate.header.name:
        return _without(candidate, f"is of another candidate, {found.candidate!r}")
    bins = len(candidate.profile)
    if len(found.profile) != bins:
        return _without(candidate, f"has {len(found.profile)} bins, the PFD {bins}")
    return replace(candidate, header=replace(candidate.header, sigma=found.sigma))


def _without(candidate: Pfd, reason: str) -> Pfd:
    note = f"The .bestprof beside it was not used: it {reason}."
    return replace(candidate, notes=(*candidate.notes, note))


def _recognises(start: bytes) -> bool:
    return start.startswith(b"# Input file") and b"# Reduced chi-sqr" in start[:4096]


def _open(_: Source) -> NoReturn:
    raise BadInput(
        "is a .bestprof, which has no DM trials: bring it together with its .pfd"
    )


FORMAT = Format("bestprof", _recognises, _open)
