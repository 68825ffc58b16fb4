"""What is done to rows before a dataset is frozen: by name, in order, on record."""

from collections.abc import Mapping, Sequence
from typing import Any

from pulsar_ml.datasets import candidates
from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.datasets.options import read_all
from pulsar_ml.datasets.remedies import TREATMENTS, Options
from pulsar_ml.errors import BadInput


def step(name: str, options: Options | None = None) -> dict[str, Any]:
    """Write down a treatment as recipes have it.

    Parameters
    ----------
    name : str
        A key of `TREATMENTS`.
    options : mapping, optional
        Typed, or as texts from a form or a command.

    Returns
    -------
    dict
        Its ``name``, and its ``options`` with the defaults filled in.

    Raises
    ------
    BadInput
        If there is no such treatment, option or value.
    """
    if name not in TREATMENTS:
        raise BadInput(
            f"There is no treatment {name!r}; there is {', '.join(TREATMENTS)}."
        )
    try:
        read = read_all(TREATMENTS[name].options, options or {})
    except BadInput as error:
        raise BadInput(f"Treatment {name}: {error}") from error
    return {"name": name, "options": read}


def parse(text: str) -> dict[str, Any]:
    """Understand a treatment as it is written in a command.

    Parameters
    ----------
    text : str
        ``NAME[:key=value,...]``, such as ``ranges:column=dm,min=0,how=clip``; several
        names are parted by ``+``, as in ``nulls:columns=period+dm``.

    Returns
    -------
    dict
        As `step` gives it.

    Raises
    ------
    BadInput
        If it cannot be understood.
    """
    name, _, rest = text.partition(":")
    pairs = [pair.partition("=") for pair in rest.split(",") if pair.strip()]
    for key, sign, _ in pairs:
        if not sign:
            raise BadInput(f"Treatment {text!r}: {key!r} is not KEY=VALUE.")
    return step(name.strip(), {key.strip(): value for key, _, value in pairs})


def offered() -> list[dict[str, Any]]:
    """Offer the treatments that a frozen dataset should have, in their order.

    Returns
    -------
    list of dict
        Steps for `treat`: without T2, one class and one row for each candidate.
    """
    return [step(name) for name in ("weak", "conflicts", "deduplicate")]


def in_words(done: Mapping[str, Any]) -> str:
    """Say what a step does.

    Parameters
    ----------
    done : mapping
        As `step` gives it, or as it stands in a record.

    Returns
    -------
    str
        A sentence.
    """
    found = step(done["name"], done["options"])
    return TREATMENTS[found["name"]].says(found["options"])


def treat(
    table: Labelled, steps: Sequence[Mapping[str, Any]]
) -> tuple[Labelled, list[dict[str, Any]]]:
    """Do one treatment after another.

    What is known of a candidate counts for all its rows from the start: its name, its
    pointing, and that it is in the hold-out (`candidates.share`).

    Parameters
    ----------
    table : Labelled
        The rows, the oldest first: a later row is newer.
    steps : sequence of mapping
        Each with its ``name`` and ``options``, see `step`; in the order to be done.

    Returns
    -------
    Labelled
        The treated rows.
    list of dict
        For each step ``name``, ``options``, ``rows_in``, ``rows_out``, ``pulsars_in``
        and ``pulsars_out``.

    Raises
    ------
    BadInput
        If a step is unknown, asks for a column that is not there, or leaves no row.
    """
    table = candidates.share(table)
    record = []
    for wanted in [step(each["name"], each.get("options")) for each in steps]:
        before = table
        try:
            table = TREATMENTS[wanted["name"]].apply(before, wanted["options"])
        except BadInput as error:
            raise BadInput(f"Treatment {wanted['name']}: {error}") from error
        if not len(table):
            raise BadInput(f"Treatment {wanted['name']}: it would leave no row.")
        record.append({**wanted, **_counts(before, "in"), **_counts(table, "out")})
    return table, record


def _counts(table: Labelled, when: str) -> dict[str, int]:
    return {f"rows_{when}": len(table), f"pulsars_{when}": table.pulsars}
