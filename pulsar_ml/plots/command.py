"""The command that draws a candidate's diagnostic plots into a file."""

import argparse
import sys
from pathlib import Path

from pulsar_ml.candidate import Candidate, open_candidate
from pulsar_ml.errors import BadInput
from pulsar_ml.formats.pfd import Pfd
from pulsar_ml.mask import masked
from pulsar_ml.place import placed
from pulsar_ml.plots.picture import render


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Tell a parser the options of the command.

    Parameters
    ----------
    parser : ArgumentParser
        Of the command.
    """
    parser.add_argument("candidate", type=Path, metavar="FILE", help="PHCX or PFD")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="PICTURE", help=".png or .svg"
    )
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--width", type=int, default=1100, help="of a PNG, in pixels")
    parser.add_argument(
        "--mask",
        action="store_true",
        help="leave out profiles with interference (PFD; features are unchanged)",
    )


def run(options: argparse.Namespace) -> int:
    """Draw one candidate.

    Parameters
    ----------
    options : Namespace
        What `add_arguments` asked for.

    Returns
    -------
    int
        0.

    Raises
    ------
    BadInput
        The candidate cannot be used, or not masked, or the picture is of no kind
        that can be drawn.
    """
    form = options.out.suffix.lower().removeprefix(".")
    if form not in {"png", "svg"}:
        raise BadInput(f"{options.out}: the picture must be a .png or a .svg")
    candidate = open_candidate(options.candidate)
    if options.mask:
        candidate = _masked(candidate)
    picture = render(
        candidate.panels(),
        candidate.header,
        theme=options.theme,
        format=form,
        width_px=options.width,
    )
    with placed(options.out) as unfinished:
        unfinished.write_bytes(picture)
    return 0


def _masked(candidate: Candidate) -> Candidate:
    if not isinstance(candidate, Pfd):
        raise BadInput("only a PFD keeps the profiles that a mask could leave out")
    cleaned, mask = masked(candidate)
    sys.stderr.write(f"{mask.sum()} of {mask.size} profiles left out\n")
    return cleaned
