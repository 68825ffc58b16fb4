"""A card from elsewhere: read with care, and held against what the model does."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from pulsar_ml import serving
from pulsar_ml.evaluation.beside import FEWEST_PULSARS
from pulsar_ml.examine.behaviour import SAME, Tried
from pulsar_ml.examine.finding import Failed
from pulsar_ml.features import FEATURES
from pulsar_ml.metrics import at_threshold, of_ranking

MOST_BYTES = 5_000_000
# Figures of a card that are compared, where it has them.
_FIGURES = ("recall", "fpr", "average_precision")
# Where keys differ from one version to the next: those that each has.
_NEEDED: Mapping[str, frozenset[str]] = {
    "card.calibration": frozenset(),
    "card.libraries": frozenset(),
    "card.metrics": frozenset({"holdout"}),
    "card.parameters": frozenset(),
    "card.signature": frozenset(),
    "evaluation.beside": frozenset({"published"}),
    "evaluation.beside.baseline": frozenset(),
    "evaluation.beside.baseline_folds": frozenset(),
    "evaluation.curves": frozenset({"holdout"}),
}
_TEXTS = ("algorithm", "created", "code_version", "policy", "threshold_rule")
Json = dict[str, Any]


def read(path: Path) -> Json:
    """Read a JSON file that came.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    dict
        What it says: finite numbers and texts that any database keeps.

    Raises
    ------
    Failed
        If it is anything else.
    """
    if path.stat().st_size > MOST_BYTES:
        raise Failed(f"{path.name} is larger than {MOST_BYTES:,} bytes.")
    try:
        content = json.loads(path.read_bytes())
        # What JSON can say and no database keeps: NaN, halves of characters.
        json.dumps(content, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Failed(f"{path.name} cannot be read as JSON.") from error
    if not isinstance(content, dict) or "\\u0000" in json.dumps(content):
        raise Failed(f"{path.name} is no JSON object of texts and numbers.")
    return content


def agrees(card: Json, model: str, tried: Tried) -> str:
    """Check what a card says of the model in plain words.

    Parameters
    ----------
    card : dict
        What came.
    model : str
        Whose next version it would be.
    tried : Tried
        The model, loaded.

    Returns
    -------
    str
        What was compared.

    Raises
    ------
    Failed
        If the card says otherwise.
    """
    if card.get("features", list(FEATURES)) != list(FEATURES):
        raise Failed("Its card has other features, or the same in another order.")
    if card.get("model", model) != model:
        raise Failed(f"Its card is of the model {str(card['model'])[:60]!r}.")
    if card.get("kind", "classifier") != "classifier":
        raise Failed(f"Its card is of a {str(card['kind'])[:60]!r}, no classifier.")
    _check_values(card)
    if golden := card.get("golden"):
        return _golden(golden, tried)
    return "Features, kind and threshold are as they should be."


def measures(card: Json, rows: Path, tried: Tried) -> str:
    """Hold the figures of a card against rows of a hold-out.

    Parameters
    ----------
    card : dict
        What came.
    rows : Path
        Arrays ``features`` and ``labels``, in the order of the hold-out.
    tried : Tried
        The model, loaded.

    Returns
    -------
    str
        What was compared, or why nothing was.

    Raises
    ------
    Failed
        If a figure lies outside the interval that the card gives.
    """
    said = _claimed(card)
    if not said or not rows.is_file():
        return "Its figures were not compared: there are none, or no rows."
    with np.load(rows, allow_pickle=False) as held:
        features, labels = held["features"], held["labels"]
    pulsars = int(labels.sum())
    if pulsars < FEWEST_PULSARS or pulsars == len(labels):
        return f"Its figures were not compared: only {pulsars:,} pulsars to do it with."
    scores = tried.score(features)
    threshold = float(np.float32(card.get("threshold", 0.5)))
    found = {**at_threshold(labels, scores, threshold), **of_ranking(labels, scores)}
    for name, (low, high) in said.items():
        if not low - SAME <= round(found[name], 4) <= high + SAME:
            raise Failed(
                f"Its card says {name.replace('_', ' ')} {low:g} to {high:g}; on"
                f" {len(labels):,} rows of the hold-out it is {found[name]:.4f}."
            )
    names = ", ".join(f"{name.replace('_', ' ')} {found[name]:.4f}" for name in said)
    return f"On {len(labels):,} rows of the hold-out, as its card says: {names}."


def shaped(files: Mapping[str, Json]) -> str:
    """Check that what came can be shown as ours is.

    Parameters
    ----------
    files : mapping of str to dict
        By name: the card, the reference and, if it came, the evaluation.

    Returns
    -------
    str
        That it can.

    Raises
    ------
    Failed
        If a part is missing or of another kind.
    """
    ours = serving.shipped()[-1]
    for name, content in files.items():
        pattern = json.loads((ours / name).read_bytes())
        # A version that is trained now says more than the first ones.
        _compare(content, pattern, name.removesuffix(".json"))
    return "Card and figures have the parts that pages show."


def _check_values(card: Json) -> None:
    for name in ("threshold", "threshold_f1"):
        if name in card and not _is_share(card[name]):
            raise Failed(f"Its card's {name} is no number from 0 to 1.")
    for name in _TEXTS:
        if not isinstance(card.get(name, ""), str) or len(card.get(name, "")) > 500:
            raise Failed(f"Its card's {name} is no text.")


def _golden(golden: object, tried: Tried) -> str:
    try:
        pairs = [(one["features"], float(one["score"])) for one in golden]  # type: ignore[attr-defined]
        rows = np.array([row for row, _ in pairs], dtype=np.float32)
        wanted = np.array([score for _, score in pairs])
        if rows.shape[1:] != (len(FEATURES),):
            raise Failed("Its card's golden rows have not eight features.")
    except (TypeError, ValueError, KeyError) as error:
        raise Failed("Its card's golden rows cannot be read.") from error
    worst = float(np.abs(tried.score(rows) - wanted).max())
    if not worst <= 10 * SAME:
        raise Failed(f"Its scores differ from its card's golden ones by {worst:.3g}.")
    return f"{len(rows):,} golden scores are as its card says."


def _claimed(card: Json) -> dict[str, tuple[float, float]]:
    metrics = card.get("metrics")
    held = metrics.get("holdout") if isinstance(metrics, dict) else None
    if not isinstance(held, dict):
        return {}
    figures = {name: held[name] for name in _FIGURES if name in held}
    try:
        return {n: (float(f["low"]), float(f["high"])) for n, f in figures.items()}
    except (TypeError, ValueError, KeyError) as error:
        raise Failed("Its card's figures cannot be read.") from error


def _is_share(value: object) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 < value < 1  # type: ignore[operator]


def _compare(given: object, pattern: object, where: str) -> None:
    if given is None or pattern is None:
        return
    if _kind(given) is not _kind(pattern):
        raise Failed(f"{where} of what came is not what it should be.")
    if isinstance(pattern, dict) and isinstance(given, dict):
        _compare_keys(given, pattern, where)
    if where.startswith("reference") and _length(given) != _length(pattern):
        raise Failed(f"{where} of what came is not as long as it should be.")
    if isinstance(pattern, list) and isinstance(given, list) and pattern:
        for item in given:
            _compare(item, pattern[0], where)


def _compare_keys(given: Json, pattern: Json, where: str) -> None:
    if missing := _NEEDED.get(where, pattern.keys()) - given.keys():
        raise Failed(f"{where}.{min(missing)} is missing in what came.")
    for name in pattern.keys() & given.keys():
        _compare(given[name], pattern[name], f"{where}.{name}")


def _length(value: object) -> int:
    return len(value) if isinstance(value, list | str) else 0


def _kind(value: object) -> type:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float if is_number else type(value)
