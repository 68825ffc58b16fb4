"""Rows that tests of the registry stand on, made without the doors."""

from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.db.models import Max

from pulsar_ml.datasets import store
from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.tests import simulated
from registry.models import Dataset


def dataset(table: Labelled | None = None, **values: object) -> Dataset:
    """A dataset with its file: 2,000 simulated rows, if nothing else is wanted."""
    table = simulated.table() if table is None else table
    root = Path(settings.PULSAR.storage.root) / "datasets"
    root.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=root) as temp:
        draft = Path(temp) / "draft"
        draft.mkdir()
        sha256 = store.write(draft, table, temp=Path(temp))
        draft.rename(root / sha256)
    wanted: dict[str, object] = {
        "number": (Dataset.objects.aggregate(last=Max("number"))["last"] or 0) + 1,
        "name": table.name,
        "source": Dataset.Source.IMPORT,
        "sha256": sha256,
        "size": (root / sha256 / store.ROWS).stat().st_size,
        "n_rows": len(table),
        "n_pulsars": table.pulsars,
        "n_holdout": int(table.holdout.sum()),
        "n_holdout_pulsars": int(table.labels[table.holdout].sum()),
        "columns": [column._asdict() for column in store.dictionary(table)],
    }
    return Dataset.objects.create(**(wanted | values))
