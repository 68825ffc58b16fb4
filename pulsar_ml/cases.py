"""Ready cases: candidates to try the site with, made up on the fly, never recorded."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from pulsar_ml.candidate import Candidate, open_candidate
from pulsar_ml.simulate import Kind, Simulated, simulate
from pulsar_ml.simulation.sources import Interference, Pulsar

_DAY_S = 86_400.0


@dataclass(frozen=True)
class Case:
    """A simulated candidate with a story.

    Attributes
    ----------
    slug : str
        For addresses and file names.
    title, sentence : str
        For people.
    kind : str
        What it is: see `simulate`.
    source : Pulsar or Interference or None
        What was observed.
    seed : int
        Of everything random.
    """

    slug: str
    title: str
    sentence: str
    kind: Kind
    source: Pulsar | Interference | None
    seed: int

    def simulated(self) -> Simulated:
        """Make the candidate, in a quarter of a second.

        Returns
        -------
        Simulated
            The same each time.
        """
        return simulate(self.kind, seed=self.seed, source=self.source)

    def candidate(self) -> Candidate:
        """Read what `phcx` writes, as if somebody had sent it.

        Returns
        -------
        Candidate
            With features and panels.
        """
        with TemporaryDirectory() as folder:
            file = Path(folder) / f"{self.slug}.phcx.gz"
            file.write_bytes(self.phcx())
            return open_candidate(file)

    def phcx(self) -> bytes:
        """Write the candidate as a compressed PHCX file; it is kept in memory.

        Returns
        -------
        bytes
            The same each time.
        """
        return _written(self)


@cache
def _written(case: Case) -> bytes:
    return case.simulated().to_phcx(compressed=True)


CASES = (
    Case(
        slug="bright-pulsar",
        title="A bright pulsar",
        sentence=(
            "A normal pulsar of 0.74 s: two components, steady through the whole "
            "observation, with a clear peak in DM."
        ),
        kind="pulsar",
        source=Pulsar(
            period_s=0.7412,
            dm=84.5,
            snr=70,
            peaks=((0.30, 0.022, 1.0), (0.345, 0.03, 0.45)),
        ),
        seed=1,
    ),
    Case(
        slug="weak-pulsar",
        title="A weak pulsar",
        sentence=(
            "A pulsar near the limit of the survey: the pulse is seen in the sum, and "
            "hardly in any single sub-integration."
        ),
        kind="pulsar",
        source=Pulsar(period_s=0.4386, dm=152.0, snr=13, peaks=((0.62, 0.03, 1.0),)),
        seed=2,
    ),
    Case(
        slug="millisecond-pulsar",
        title="A millisecond pulsar",
        sentence=(
            "A recycled pulsar of 5.3 ms that scintillates: its pulse is wide in phase "
            "and its peak in DM narrow."
        ),
        kind="pulsar",
        source=Pulsar(
            period_s=0.005312,
            dm=22.7,
            snr=32,
            peaks=((0.4, 0.11, 1.0), (0.9, 0.08, 0.25)),
        ),
        seed=3,
    ),
    Case(
        slug="binary-pulsar",
        title="A millisecond pulsar in a binary",
        sentence=(
            "The orbit of 2.4 hours accelerates it, so that the pulse bends through "
            "the sub-integrations: no constant period fits, and the score is low."
        ),
        kind="pulsar",
        source=Pulsar(
            period_s=0.004187,
            dm=38.2,
            snr=40,
            peaks=((0.55, 0.12, 1.0),),
            orbit=(0.1 * _DAY_S, 0.06, 0.2),
        ),
        seed=4,
    ),
    Case(
        slug="interference",
        title="Interference in all of the band",
        sentence=(
            "Something of 50 Hz on the ground, strongest at DM 0 and unsteady in time. "
            "The eight features do not show that: the score is high, the plots tell."
        ),
        kind="interference",
        source=Interference(period_s=0.02, snr=45, peaks=((0.5, 0.2, 1.0),)),
        seed=5,
    ),
    Case(
        slug="noise",
        title="Noise",
        sentence=(
            "Nothing but noise: one of very many trials happened to stand out, and "
            "only its neighbours in DM saw something too."
        ),
        kind="noise",
        source=None,
        seed=6,
    ),
)
