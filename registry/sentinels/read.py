"""Known pulsars from a file of rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from monitor import room
from pulsar_ml import verdicts
from pulsar_ml.datasets.pointings import POINTINGS
from pulsar_ml.errors import BadInput
from pulsar_ml.features import FEATURES, candidate_hash
from pulsar_ml.formats.table import Reject, Scratch, Source
from pulsar_ml.loader import Chunk, read
from registry.datasets.disk import temporary
from registry.labels.rows import fit
from registry.sentinels.add import Known

# Each is judged by every version, and looked at by people.
MOST = 10_000
# They are read while somebody waits. All pulsars there are take a tenth of these.
MOST_BYTES = 16 * 2**20
_MOST_ROWS = 10 * MOST
_MOST_UNPACKED = 4 * MOST_BYTES
_LABELS = ("verdict", "label", "class", "classification")


@dataclass
class Read:
    """The pulsars of a file, the first rows that are none, and how many these are."""

    pulsars: list[Known] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    n_rejected: int = 0

    def refuse(self, rejects: Sequence[Reject]) -> None:
        """Count them; of a file of millions not all are kept."""
        self.n_rejected += len(rejects)
        self.rejects += rejects[: MOST - len(self.rejects)]


def read_file(path: Path, name: str) -> Read:
    """Every row is taken for a pulsar, unless a column of labels says otherwise."""
    found = Read()
    scratch = Scratch(temporary(), room.check, room.allowance(_MOST_UNPACKED))
    for chunk in read([Source(path, name, scratch=scratch)]):
        found.refuse(chunk.rejects)
        for one in _each(chunk, name):
            if isinstance(one, Known):
                found.pulsars.append(one)
            else:
                found.refuse([one])
        if len(found.pulsars) > MOST:
            raise BadInput(f"{name} has more than {MOST:,} pulsars.")
        if len(found.pulsars) + found.n_rejected > _MOST_ROWS:
            raise BadInput(f"{name} has more than {_MOST_ROWS:,} rows.")
    if not found.pulsars:
        raise BadInput(
            f"{name} has no pulsar that can be used: {why(found.rejects[0])}"
        )
    return found


def why(reject: Reject) -> str:
    """Where a row is no pulsar and why, in words."""
    where = f"Row {reject.row}, {reject.column}" if reject.column else "The file"
    value = f" {reject.value!r}" if reject.value else ""
    return f"{where}{value} {reject.reason}."


def _each(chunk: Chunk, file: str) -> Iterator[Known | Reject]:
    names = {str(name).strip().lower(): str(name) for name in chunk.frame.columns}
    label = next((names[name] for name in _LABELS if name in names), None)
    pointing = next((names[name] for name in POINTINGS if name in names), None)
    for values in chunk.frame.to_dict("records"):
        row = int(values["row"])
        if label and verdicts.teaches(values[label] or "") != 1:
            text = str(values[label] or "")[:80]
            yield Reject(row, file, None, label, text, "is not the label of a pulsar")
            continue
        features = [float(values[feature]) for feature in FEATURES]
        yield Known(
            fit("name", values["name"]),
            candidate_hash(features),
            features,
            fit("pointing", values[pointing] if pointing else ""),
            f"{file}, row {row}",
        )
