"""What a training was asked for: written once, before its first step."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pulsar_ml.thresholds import RECALL
from pulsar_ml.training import folder as files

PLAN = "plan.json"
REHEARSAL = "rehearsal"


@dataclass(frozen=True)
class Dataset:
    """Which rows.

    Attributes
    ----------
    path : str
        Of the Parquet file; see `pulsar_ml.datasets.store`.
    sha256 : str
        What it was when it was made.
    name : str
        What people call it.
    number : int or None
        Of the site that has it.
    htru2 : bool
        Whether it is the whole of HTRU2, which published figures are about.
    source_sha256 : str
        Of the file that it was read from, where it was just read from one.
    """

    path: str
    sha256: str
    name: str
    number: int | None = None
    htru2: bool = False
    source_sha256: str = ""


@dataclass(frozen=True)
class Champion:
    """Beside which version the new one is judged.

    Attributes
    ----------
    name : str
        Such as ``pulsar/2``.
    folder : str
        Of its artefact.
    sha256 : str
        What was registered.
    """

    name: str
    folder: str
    sha256: str


@dataclass(frozen=True)
class Plan:
    """Everything that decides what a training gives, but the rows and the code.

    Attributes
    ----------
    created : str
        When it began, as the card will say; ISO 8601.
    dataset : Dataset
        Which rows.
    algorithm : str
        See `pulsar_ml.model.Model`.
    parameters : mapping
        What differs from the algorithm's defaults.
    search : mapping of str to sequence
        Values to try, each with each; what scores best under `policy` is taken.
    policy : {"stratified", "grouped", "time"}
        How rows are cut for the search, and which folds its curves are about.
    seed : int
        Of everything random.
    recall : float
        The share of pulsars that the shipped threshold is to find.
    threads : int
        Of a forest's training; they change no result.
    folds : int
        Parts of the cross-validation and for the scores of rows not seen.
    max_candidates : int
        A search may try so many sets of parameters.
    sentinels : sequence of str
        Candidate hashes of the sentinel set.
    champion : Champion or None
        Beside which version the new one is judged.
    rehearsal : int or None
        Of how many rows; None where it counts.
    model : str
        Whose next version it is.
    """

    created: str
    dataset: Dataset
    algorithm: str = "random_forest"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    search: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    policy: str = "grouped"
    seed: int = 0
    recall: float = RECALL
    threads: int = 1
    folds: int = 5
    max_candidates: int = 20
    sentinels: Sequence[str] = ()
    champion: Champion | None = None
    rehearsal: int | None = None
    model: str = "pulsar"

    @property
    def parts(self) -> int:
        """How many folds there are: a rehearsal has two.

        Returns
        -------
        int
            Two or more.
        """
        return 2 if self.rehearsal else self.folds


def write(folder: Path, plan: Plan) -> None:
    """Lay down what is to be done.

    Parameters
    ----------
    folder : Path
        Of the training; made if need be.
    plan : Plan
        It is not changed afterwards.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files.write_json(folder / PLAN, asdict(plan))


def read(folder: Path) -> Plan:
    """Read what is to be done.

    Parameters
    ----------
    folder : Path
        Of the training.

    Returns
    -------
    Plan
        As it was written.
    """
    said = files.read_json(folder / PLAN)
    champion = said.pop("champion")
    return Plan(
        dataset=Dataset(**said.pop("dataset")),
        champion=Champion(**champion) if champion else None,
        **said,
    )
