"""Freeze a dataset from another and from labels, through treatments in order."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from accounts.models import User
from monitor import crash
from pulsar_ml.datasets import store, treatments
from pulsar_ml.datasets.join import join
from pulsar_ml.datasets.labelled import Labelled
from registry.datasets import ask, chosen, known
from registry.datasets.beat import BuildBeat, Seen
from registry.datasets.disk import temporary
from registry.datasets.keep import Wanted, keep, mark
from registry.errors import CannotBuild
from registry.models import Build, Dataset

Steps = Sequence[Mapping[str, Any]]


def ask_for(
    parent: Dataset,
    *,
    labels: Mapping[str, Any] | None,
    steps: Steps,
    name: str = "",
    by: User | None,
    send_it: bool = True,
) -> Build:
    """Ask for it: `labels` as `LabelQuerySet.chosen` takes them, or None for none."""
    order = {
        "parent": parent.number,
        "labels": None if labels is None else chosen.told(labels),
        "treatments": [
            treatments.step(step["name"], step.get("options")) for step in steps
        ],
    }
    return ask.ask(
        Build.Kind.FREEZE,
        name=name or parent.name,
        order=order,
        by=by,
        size=parent.size,
        send_it=send_it,
    )


def freeze(build: Build, beat: BuildBeat) -> dict[str, object]:
    """Make it; what the build's row says at its end."""
    order = build.order
    parent = Dataset.objects.filter(number=order["parent"]).first()
    if parent is None:
        raise CannotBuild(f"There is no dataset {order['parent']}.")
    beat.say(f"Reading {parent}")
    before = beat.aside(partial(_read, parent))
    table, recipe = before, dict[str, Any]()
    if order["labels"] is not None:
        more = chosen.rows(order["labels"], beat)
        recipe["labels"] = {**order["labels"], "rows": len(more) if more else 0}
        table = join(before, more) if more else before
    beat.say("Treating the rows")
    # Their sides first: weights are balanced on the rows to learn from alone.
    table = beat.aside(partial(mark, table, known.earlier()))
    treated = beat.aside(partial(_treat, table, order["treatments"]))
    table, recipe["treatments"] = treated
    crash.at("build.treated")
    wanted = Wanted(
        name=build.name,
        source=Dataset.Source.FREEZE,
        recipe=recipe,
        by=build.by,
        parent=parent,
        parent_rows=before,
    )
    dataset, is_new = keep(table, wanted, build.folder / f"made-{build.holder}", beat)
    return {
        "dataset": dataset,
        "n_rows": len(table),
        "notes": [] if is_new else [f"These very rows are {dataset} already."],
    }


def _treat(
    table: Labelled, steps: Steps, _seen: Seen
) -> tuple[Labelled, list[dict[str, Any]]]:
    return treatments.treat(table, steps)


def _read(parent: Dataset, _seen: Seen) -> Labelled:
    return store.read(
        parent.folder / store.ROWS,
        name=str(parent),
        sha256=parent.sha256,
        temp=temporary(),
    )
