"""Make up candidates: pulsars, interference and noise, and files of them."""

import argparse
import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.features import moments
from pulsar_ml.place import placed
from pulsar_ml.simulation import draw, pfd, phcx, table
from pulsar_ml.simulation.observe import Observation, observe
from pulsar_ml.simulation.receiver import Receiver
from pulsar_ml.simulation.sky import Place, place
from pulsar_ml.simulation.sources import Interference, Pulsar

Kind = Literal["pulsar", "interference", "noise"]
KINDS: tuple[Kind, ...] = get_args(Kind)
PARKES = Receiver()
# Features do not look at sub-bands one by one, and with few it is five times as quick.
_QUICK = Receiver(n_bands=16, n_parts=8, n_dead=2)
# Of a labelled table: one in five is a pulsar, so that parts of it have some.
_ASSORTED: tuple[Kind, ...] = (
    "pulsar",
    "noise",
    "interference",
    "noise",
    "interference",
)


@dataclass(frozen=True)
class Simulated:
    """A made-up candidate; every file of it says that it is simulated.

    Attributes
    ----------
    kind : str
        ``pulsar``, ``interference`` or ``noise``.
    source : Pulsar or Interference or None
        What was observed; None for noise.
    seen : Observation
        Signal and noise, folded.
    place : Place
        Name, position and epoch.
    """

    kind: Kind
    source: Pulsar | Interference | None
    seen: Observation
    place: Place

    def features(self) -> NDArray[np.float64]:
        """Compute the eight features of its PHCX without writing it.

        Returns
        -------
        ndarray of float64, shape (8,)
            In the order of `pulsar_ml.features.FEATURES`.
        """
        arrays = phcx.feature_arrays(self.seen)
        return np.concatenate([moments(array) for array in arrays])

    def to_phcx(self, *, compressed: bool = False) -> bytes:
        """Write it as PHCX, laid out like the files of HTRU 2.

        Parameters
        ----------
        compressed : bool
            By gzip.

        Returns
        -------
        bytes
            Of the file; the same for the same candidate.
        """
        data = phcx.write(self.seen, self.place)
        return gzip.compress(data, mtime=0) if compressed else data

    def to_pfd(self) -> bytes:
        """Write it as PFD, as PRESTO's prepfold does.

        Returns
        -------
        bytes
            Of the file; the same for the same candidate.
        """
        return pfd.write(self.seen, self.place)


def simulate(
    kind: Kind = "pulsar",
    *,
    seed: int,
    source: Pulsar | Interference | None = None,
    receiver: Receiver = PARKES,
) -> Simulated:
    """Make up a candidate.

    Parameters
    ----------
    kind : {"pulsar", "interference", "noise"}
        Of what.
    seed : int
        Of everything random; the same gives the same candidate.
    source : Pulsar or Interference, optional
        What is observed; drawn at random if it is not given. Noise has none.
    receiver : Receiver
        With what it is observed.

    Returns
    -------
    Simulated
        The candidate.
    """
    rng = np.random.default_rng([KINDS.index(kind), seed])
    if kind == "pulsar":
        source = source or draw.pulsar(rng)
    elif kind == "interference":
        source = source or draw.interference(rng, receiver)
    period_s = source.period_s if source else float(10 ** rng.uniform(-2.5, 0.3))
    where = place(f"simulated-{kind}-{seed}", rng)
    return Simulated(kind, source, observe(source, period_s, receiver, rng), where)


def assorted(count: int, seed: int = 0) -> Iterator[Simulated]:
    """Make up candidates of all kinds, quickly: for their features, not for plots.

    Parameters
    ----------
    count : int
        How many; a minute makes about a thousand.
    seed : int
        Of the first; each has the next.

    Yields
    ------
    Simulated
        One in five is a pulsar.
    """
    for number in range(count):
        kind = _ASSORTED[number % len(_ASSORTED)]
        yield simulate(kind, seed=seed + number, receiver=_QUICK)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Tell a parser the options of the command.

    Parameters
    ----------
    parser : ArgumentParser
        Of the command.
    """
    parser.add_argument("--kind", choices=KINDS, default="pulsar")
    parser.add_argument("--count", type=int, default=1, help="how many candidates")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--format", choices=tuple(_WRITERS), default="phcx")
    parser.add_argument("--seed", type=int, default=0, help="of the first of them")
    parser.add_argument(
        "--table",
        action="store_true",
        help="of all kinds, as one labelled table with period, DM and S/N",
    )


def run(options: argparse.Namespace) -> int:
    """Write as many candidates as wanted, with one seed after the other.

    Parameters
    ----------
    options : Namespace
        What `add_arguments` asked for.

    Returns
    -------
    int
        0.
    """
    options.out.mkdir(parents=True, exist_ok=True)
    if options.table:
        table.write(options.out, assorted(options.count, options.seed))
        return 0
    suffix, write = _WRITERS[options.format]
    for seed in range(options.seed, options.seed + options.count):
        made = simulate(options.kind, seed=seed)
        with placed(options.out / f"{made.place.name}{suffix}") as unfinished:
            unfinished.write_bytes(write(made))
    return 0


_WRITERS: dict[str, tuple[str, Callable[[Simulated], bytes]]] = {
    "phcx": (".phcx.gz", lambda made: made.to_phcx(compressed=True)),
    "pfd": (".pfd", Simulated.to_pfd),
}
