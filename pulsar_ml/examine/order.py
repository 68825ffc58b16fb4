"""What the child is asked, and what it may use: written by who starts it."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pulsar_ml import artefact
from pulsar_ml.training.plan import Dataset

ORDER, CAME, REPORT = "order.json", "came", "report.json"
CARD, LIST, ROWS = "card.json", "trained_on.txt", "rows.npz"
# What is to be registered, and that with all that a version has.
MODEL, ARTEFACT = "model", "artefact"


@dataclass(frozen=True)
class Order:
    """What is asked of the child.

    Attributes
    ----------
    name : str
        Of the file at its owner's.
    model : str
        Whose next version it would be.
    created : str
        When it came, as the card will say; ISO 8601.
    max_bytes, memory_bytes : int
        Of the file, and of the child.
    seconds : float
        Of the child's work, in all.
    row_microseconds : float
        For one row.
    must_be_alone : bool
        Whether it ends where the machine gives no network of its own.
    threshold : float or None
        What its owner says; None to take the card's, or to choose it.
    recall : float
        The share of pulsars that a threshold chosen here is to find.
    trained_on : {"unknown", "dataset", "list"}
        What is known of the rows that it was trained on.
    dataset : Dataset or None
        Whose training rows it is summed up by, and on whose hold-out it is judged.
    sentinels : sequence of str
        Candidate hashes of the sentinel set.
    """

    name: str
    model: str
    created: str
    max_bytes: int
    memory_bytes: int
    seconds: float
    row_microseconds: float
    must_be_alone: bool = True
    threshold: float | None = None
    recall: float = 0.92
    trained_on: str = artefact.UNKNOWN
    dataset: Dataset | None = None
    sentinels: Sequence[str] = ()


def write(folder: Path, order: Order) -> None:
    """Lay down what is asked.

    Parameters
    ----------
    folder : Path
        Of the child; it exists.
    order : Order
        It is not changed afterwards.
    """
    (folder / ORDER).write_text(json.dumps(asdict(order)))


def read(folder: Path) -> Order:
    """Read what is asked.

    Parameters
    ----------
    folder : Path
        Of the child.

    Returns
    -------
    Order
        As it was written.
    """
    said = json.loads((folder / ORDER).read_text())
    dataset = said.pop("dataset")
    return Order(dataset=Dataset(**dataset) if dataset else None, **said)
