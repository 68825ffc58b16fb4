"""The treatments themselves: what each does to rows, and says that it does."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from pulsar_ml.datasets import candidates, columns, holdout
from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.datasets.options import Option
from pulsar_ml.errors import BadInput

Options = Mapping[str, Any]


class Treatment(NamedTuple):
    """Something that can be done to a table of labelled rows.

    Attributes
    ----------
    words : str
        What it is for, for people.
    options : tuple of Option
        What it can be told.
    apply : callable
        Takes a table and a value for each option, gives the treated table.
    says : callable
        Takes a value for each option, gives what is done, in a sentence.
    """

    words: str
    options: tuple[Option, ...]
    apply: Callable[[Labelled, Options], Labelled]
    says: Callable[[Options], str]


def _weak(table: Labelled, options: Options) -> Labelled:
    if options["keep"] or "verdict" not in table.observed:
        return table
    return table.take(table.observed["verdict"] != "T2_CAND")


def _conflicts(table: Labelled, options: Options) -> Labelled:
    return table.take(candidates.agreed(table, options["rule"]))


def _deduplicate(table: Labelled, _options: Options) -> Labelled:
    return table.take(candidates.firsts(table))


def _nulls(table: Labelled, options: Options) -> Labelled:
    if not options["columns"]:
        raise BadInput("say which columns must be known, as columns=period+dm.")
    known = [~columns.missing(table, name) for name in options["columns"]]
    return table.take(np.logical_and.reduce(known))


def _ranges(table: Labelled, options: Options) -> Labelled:
    low, high = options["min"], options["max"]
    if low is None and high is None:
        raise BadInput("say min, max or both.")
    if low is not None and high is not None and low > high:
        raise BadInput(f"min is {low:g}, more than max, {high:g}.")
    values = columns.numbers(table, options["column"])
    clipped = np.clip(values, low, high)
    if options["how"] == "clip":
        return columns.put(table, options["column"], clipped)
    # What is missing is not beyond anything; nulls is the treatment for it.
    return table.take((values == clipped) | np.isnan(values))


def _weights(table: Labelled, options: Options) -> Labelled:
    factors = {"none": (1.0, 1.0), "pulsars": (1.0, options["factor"])}
    if options["rule"] == "pulsars" and options["factor"] <= 0:
        raise BadInput(f"factor is {options['factor']:g}; it must be above 0.")
    others, pulsars = factors.get(options["rule"]) or _balance(table)
    weights = np.where(table.labels == 1, pulsars, others)
    # What is never learned from has no weight to change.
    kept_apart = table.holdout | table.sentinel
    return replace(table, weights=np.where(kept_apart, 1.0, weights))


def _balance(table: Labelled) -> tuple[float, float]:
    """Find weights under which both classes count the same, of training rows alone."""
    labels = holdout.trainable(table).labels
    pulsars = int(labels.sum())
    others = len(labels) - pulsars
    if not pulsars or not others:
        raise BadInput("outside the hold-out there is only one class.")
    return len(labels) / (2 * others), len(labels) / (2 * pulsars)


def _say_weak(options: Options) -> str:
    return f"Weak candidates (T2_CAND) are {'kept' if options['keep'] else 'left out'}."


def _say_conflicts(options: Options) -> str:
    return _RULES[options["rule"]]


def _say_deduplicate(_options: Options) -> str:
    return "Of each candidate the first row stays."


def _say_nulls(options: Options) -> str:
    return f"Rows without {' or '.join(options['columns'])} are left out."


def _say_ranges(options: Options) -> str:
    ends = {"below": options["min"], "above": options["max"]}
    beyond = " or ".join(f"{w} {end:g}" for w, end in ends.items() if end is not None)
    if options["how"] == "clip":
        return f"Where {options['column']} is {beyond}, it is set to that end."
    return f"Rows whose {options['column']} is {beyond} are left out."


def _say_weights(options: Options) -> str:
    if options["rule"] == "pulsars":
        return f"A pulsar counts {options['factor']:g} times as much as another row."
    if options["rule"] == "balanced":
        return "Both classes count the same in training."
    return "Every row counts the same."


_RULES = {
    "newest": "Where a candidate was called both, its newest class holds.",
    "majority": "Where a candidate was called both, the majority holds, or the newest.",
    "pulsar": "Where a candidate was called both, it is a pulsar.",
    "drop": "Where a candidate was called both, it is left out.",
}

# In the order in which they are offered.
TREATMENTS: Mapping[str, Treatment] = {
    "weak": Treatment(
        "Weak new candidates (T2_CAND), in or out",
        (
            Option(
                "keep", "flag", default=False, words="Keep weak candidates as pulsars"
            ),
        ),
        _weak,
        _say_weak,
    ),
    "conflicts": Treatment(
        "Candidates that were called both pulsar and not",
        (Option("rule", "word", "newest", "Which class holds", tuple(_RULES)),),
        _conflicts,
        _say_conflicts,
    ),
    "deduplicate": Treatment(
        "One row for each candidate, by its hash", (), _deduplicate, _say_deduplicate
    ),
    "nulls": Treatment(
        "Rows that lack what was observed",
        (Option("columns", "words", [], "Columns that must be known"),),
        _nulls,
        _say_nulls,
    ),
    "ranges": Treatment(
        "Values beyond a range",
        (
            Option("column", "word", "", "A feature or an observed number"),
            Option("min", "number", None, "Least value"),
            Option("max", "number", None, "Greatest value"),
            Option("how", "word", "drop", "What is done", ("drop", "clip")),
        ),
        _ranges,
        _say_ranges,
    ),
    "weights": Treatment(
        "How much each class counts in training",
        (
            Option("rule", "word", "none", "Rule", ("none", "balanced", "pulsars")),
            Option("factor", "number", 1.0, "How much a pulsar counts (rule pulsars)"),
        ),
        _weights,
        _say_weights,
    ),
}
