"""The site that benchmarks/registry.py looks at: what a group has after many years.

    python benchmarks/registered_site.py VERSIONS RUNS DATASETS ROWS LABELS SENTINELS
    python benchmarks/registered_site.py table ROWS FILE

That benchmark runs it, in a process of its own, with the configuration of the site; or
has it write a table of labelled rows.
"""

import json
import random
import sys
from collections.abc import Iterable, Iterator
from copy import deepcopy
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from pulsar_ml import artefact
from pulsar_ml.datasets import describe, labelled, store
from pulsar_ml.features import FEATURES, candidate_hash
from pulsar_ml.serving import shipped
from pulsar_ml.tests import simulated

if TYPE_CHECKING:
    from django.db.models import Model

AT_ONCE = 2_000
EXPERIMENTS = 50
# Versions whose files are there: more than pages keep in memory.
WHOLE = 40
# Rows of each dataset but the first.
FEW = 2_000
YEAR = timedelta(days=365)
SURVEYS = ("HTRU-S", "SUPERB", "GBNCC", "PALFA", "LOTAAS")


def main() -> None:
    """Make what is not there yet."""
    if sys.argv[1] == "table":
        write_table(int(sys.argv[2]), Path(sys.argv[3]))
        return
    sizes = list(map(int, sys.argv[1:]))
    import django

    django.setup()
    from django.contrib.auth.models import Group
    from django.core.management import call_command
    from django.utils import timezone

    from accounts.models import User
    from registry.models import Sentinel

    call_command("prepare", verbosity=0)
    if Sentinel.objects.exists():
        return
    n_versions, n_runs, n_datasets, n_rows, n_labels, n_sentinels = sizes
    admin, _ = User.objects.get_or_create(username="benchmark")
    admin.groups.set(Group.objects.filter(name="admin"))
    chance, at = random.Random(0), timezone.now()  # noqa: S311  # no secret
    fill_datasets(n_datasets, n_rows)
    fill_versions(n_versions)
    fill_runs(n_runs, chance, at)
    fill_labels(n_labels, chance, at)
    # The last, as it says that all is there.
    fill_sentinels(n_sentinels)


def write_table(n: int, path: Path) -> None:
    """As a survey has it: a name, when and with which beam, what was measured."""
    import pandas as pd

    table = observed(n, n)
    columns = dict(zip(FEATURES, table.features.T, strict=True))
    told = {"name": table.names, "pointing_utc": table.pointings}
    frame = pd.DataFrame(told | columns | dict(table.observed))
    frame.assign(**{"class": table.labels}).to_csv(path, index=False)


def store_rows(model: "type[Model]", rows: Iterable[Any]) -> None:
    """Write rows as they are made, so many at once."""
    rows = iter(rows)
    while some := list(islice(rows, AT_ONCE)):
        model._default_manager.bulk_create(some)  # noqa: SLF001  # of any model


def observed(n: int, seed: int) -> labelled.Labelled:
    """Candidates with period, DM, S/N and beam; every tenth a pulsar."""
    rng = np.random.default_rng(seed)
    labels = (np.arange(n) % 10 == 0).astype(np.int8)
    profile = simulated.moments(rng, n, mean=110 - 30 * labels, skew=0.5 + labels)
    dm = simulated.moments(rng, n, mean=5 + 20 * labels, skew=8 - labels)
    began = np.datetime64("2008-01-01T00:00:00")
    times = began + (np.arange(n) // 40 * 60).astype("timedelta64[s]")
    return labelled.labelled(
        np.hstack([profile, dm]).round(7),
        labels,
        name="observed.csv",
        names=np.array([f"J{row:07}" for row in range(n)]),
        pointings=np.char.add(times.astype(str), "Z"),
        observed={
            "period": 10 ** rng.normal(-0.3, 0.5, n),
            "dm": 10 ** rng.normal(1.9, 0.4, n),
            "snr": 6 + rng.exponential(6, n),
            "beam": 1.0 + np.arange(n) % 13,
        },
    )


def fill_datasets(n: int, n_rows: int) -> None:
    """The first one large, the others small; every other one frozen from it."""
    first = keep_dataset(observed(n_rows, 0), 1, None)
    small = observed(FEW * 2, 1)
    for number in range(2, n + 1):
        chosen = np.random.default_rng(number).permutation(len(small))[:FEW]
        keep_dataset(small.take(chosen), number, first if number % 2 else None)


def keep_dataset(table: labelled.Labelled, number: int, parent: Any) -> Any:
    """Its files, as a build leaves them, and its row."""
    from registry.datasets.disk import folder, temporary
    from registry.models import Dataset

    root = folder("datasets")
    with TemporaryDirectory(dir=root) as draft:
        sha256 = store.write(Path(draft), table, temp=temporary())
        if number < 3:
            describe.write(Path(draft), table)
        size = (Path(draft) / store.ROWS).stat().st_size
        Path(draft).rename(root / sha256)
        Path(draft).mkdir()
    return Dataset.objects.create(
        number=number,
        name=f"Candidates of year {number}",
        source=Dataset.Source.FREEZE if parent else Dataset.Source.IMPORT,
        parent=parent,
        sha256=sha256,
        size=size,
        n_rows=len(table),
        n_pulsars=table.pulsars,
        n_holdout=int(table.holdout.sum()),
        n_holdout_pulsars=int(table.labels[table.holdout].sum()),
        recipe={
            "files": [{"name": "candidates.csv", "size": size, "sha256": sha256}],
            "notes": ["Read as CSV."],
            "treatments": [],
        },
        columns=[column._asdict() for column in store.dictionary(table)],
        note="What the group agreed to learn from in this year. " * 4,
    )


def fill_versions(n: int) -> None:
    """All with a whole card, the last ones with their files too."""
    from registry.models import Dataset, Model, Version
    from registry.register import register

    hashes = list(Dataset.objects.values_list("sha256", flat=True))
    files, _ = artefact.read(shipped()[-1])
    files[artefact.EVALUATION] = json.dumps(evaluation()).encode()
    told = json.loads(files[artefact.CARD])
    model = Model.objects.get(name=told["model"])
    first = Version.objects.count() + 1

    def card(number: int) -> dict[str, Any]:
        of = told["dataset"] | {"sha256": hashes[number % len(hashes)]}
        return told | {"created": f"version {number}", "dataset": of}

    store_rows(
        Version,
        (
            Version(model=model, number=k, sha256=f"{k:064x}", card=card(k))
            for k in range(first, n - WHOLE + 1)
        ),
    )
    with TemporaryDirectory() as folder:
        for number in range(max(first, n - WHOLE + 1), n + 1):
            made = Path(folder) / str(number)
            artefact.write(
                made, files | {artefact.CARD: artefact.to_json(card(number))}
            )
            register(made)


def evaluation() -> dict[str, Any]:
    """As long as one may be: that of the tests, with points and rows by the hundred."""
    from registry.tests.evaluated import EVALUATION

    told = deepcopy(EVALUATION)
    for curves in told["curves"].values():
        for curve in curves.values():
            curve |= {name: np.linspace(0, 1, 200).tolist() for name in curve}
    tried = told["trade"]
    tried += [tried[1] | {"threshold": k / 200} for k in range(1, 200)]
    tried.sort(key=lambda line: line["threshold"])
    told["slices"] *= 20
    told["missed"] = [
        told["missed"][0] | {"name": f"J{k:07}", "hash": f"{k:064x}"}
        for k in range(300)
    ]
    return told


def fill_runs(n: int, chance: random.Random, at: datetime) -> None:
    """Each with figures of every split, the packages and all steps; one is at work."""
    from django.db.models import F

    from registry.models import Dataset, Experiment, TrainingRun, TrainingStep, Version

    experiments = [
        Experiment.objects.create(name=f"Question {k}", description="What if? " * 20)
        for k in range(EXPERIMENTS)
    ]
    datasets = list(Dataset.objects.values_list("pk", flat=True))
    versions = list(Version.objects.order_by("pk").values_list("pk", flat=True))
    card = Version.objects.latest("pk").card

    def runs() -> Iterator[TrainingRun]:
        for place in range(n):
            begun = at - YEAR * (1 - place / n)
            yield TrainingRun(
                experiment=experiments[place % EXPERIMENTS],
                dataset_id=datasets[place % len(datasets)],
                version_id=versions[-1 - place % len(versions)],
                state=("success", "failed")[chance.random() < 0.05],
                algorithm=chance.choice(TrainingRun.Algorithm.values),
                policy=chance.choice(TrainingRun.Policy.values),
                seed=place % 10,
                tags=[f"night-{place % 30}", "survey"],
                notes="It learned what it should. " * 8,
                packages={f"package-{k}": "1.2.3" for k in range(40)},
                git_commit="0" * 40,
                started_at=begun,
                finished_at=begun + timedelta(seconds=chance.uniform(20, 3000)),
                **asked(chance, card),
            )

    store_rows(TrainingRun, runs())
    # What was made in one go was not made at one time.
    TrainingRun.objects.update(created_at=F("started_at"))
    last = TrainingRun.objects.latest("pk").pk
    TrainingRun.objects.filter(pk=last).update(state="running", finished_at=None)
    numbers = TrainingRun.objects.order_by("pk").values_list("pk", flat=True)
    store_rows(TrainingStep, steps(numbers, at))


def asked(chance: random.Random, card: dict[str, Any]) -> dict[str, Any]:
    """Parameters, what was tried, what was chosen, and what came of it."""
    figures = {
        f"{split}.{name}": min(1, value["value"] * chance.uniform(0.95, 1.05))
        for split, report in card["metrics"].items()
        for name, value in report.items()
        if isinstance(value, dict) and value.get("value") is not None
    }
    leaf, trees = chance.randrange(1, 30), 100 * chance.randrange(1, 20)
    return {
        "parameters": {"n_estimators": trees},
        "search": {"min_samples_leaf": [leaf, leaf + 1]},
        "chosen": {"min_samples_leaf": leaf, "n_estimators": trees},
        "metrics": figures | {"threshold": chance.random(), "seconds": 60.0},
    }


def steps(runs: Iterable[int], at: datetime) -> Iterator[Any]:
    """Of each run and its rehearsal."""
    from registry.models import TrainingStep

    left = [{"name": f"{k}.json", "size": 10_000, "sha256": "0" * 64} for k in range(3)]
    for run in runs:
        for rehearsal in (True, False):
            for name in TrainingStep.Name.values:
                yield TrainingStep(
                    run_id=run,
                    rehearsal=rehearsal,
                    name=name,
                    state="success",
                    attempts=1,
                    started_at=at,
                    finished_at=at,
                    inputs_sha256="0" * 64,
                    outputs=left,
                )


def fill_labels(n: int, chance: random.Random, at: datetime) -> None:
    """By 20 people in a year; one in twenty was replaced or withdrawn."""
    from accounts.models import User
    from registry.models import Label
    from registry.models.label import Word

    people = [User.objects.create(username=f"person-{k}") for k in range(20)]
    rng = np.random.default_rng(2)
    features = simulated.moments(rng, 2 * n, mean=100, skew=1).reshape(n, 8).round(7)

    def labels() -> Iterator[Label]:
        for place, values in enumerate(features.tolist()):
            yield Label(
                name=f"J{place:07}",
                hash=candidate_hash(values),
                features=values,
                verdict=chance.choice(Word.values),
                drawn=chance.choice(Label.Drawn.values),
                survey=chance.choice(SURVEYS),
                pointing="2008-11-24T06:37:34Z",
                observed={"period": "0.71", "dm": "67.9", "snr": "12", "beam": "6"},
                person=chance.choice(people),
                at=at - YEAR * chance.random(),
                current=None if chance.random() < 0.05 else True,
            )

    store_rows(Label, labels())


def fill_sentinels(n: int) -> None:
    """Pulsars of the large dataset."""
    from registry.models import Dataset, Sentinel

    first = Dataset.objects.get(number=1)
    stored = duckdb.read_parquet(str(first.folder / store.ROWS))
    rows = stored.filter("label = 1").limit(n).df().to_dict("records")
    store_rows(
        Sentinel,
        (
            Sentinel(
                name=row["name"],
                hash=row["hash"],
                features=[row[name] for name in FEATURES],
                pointing=row["pointing"],
                origin=f"{first}, row {row['row']}",
            )
            for row in rows
        ),
    )


if __name__ == "__main__":
    main()
