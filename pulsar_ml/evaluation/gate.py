"""Hold a candidate against the champion: what would be lost if it took the place."""

from collections.abc import Sequence
from typing import Any

from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.evaluation.by_rows import ByRows, without_rows
from pulsar_ml.evaluation.by_sentinels import by_sentinels
from pulsar_ml.evaluation.contenders import Contender, Known, Margins
from pulsar_ml.evaluation.paired import Tell
from pulsar_ml.evaluation.reasons import reasons

PASSED, REFUSED, NOT_COMPARABLE = "passed", "refused", "not_comparable"
NO_ROWS = "There is no dataset, so that there are no rows to compare them by."


def gate(
    candidate: Contender,
    champion: Contender,
    table: Labelled | None,
    sentinels: Sequence[Known] = (),
    *,
    margins: Margins | None = None,
    seed: int = 0,
    tell: Tell = lambda _done, _of: None,
) -> dict[str, Any]:
    """Compare two versions on rows and sentinels that neither was trained on.

    Parameters
    ----------
    candidate, champion : Contender
        Who would take the place, and who has it.
    table : Labelled or None
        All rows of a dataset; None where there is none.
    sentinels : sequence of Known
        The sentinel set.
    margins : Margins, optional
        What may be lost.
    seed : int
        Of the bootstrap.
    tell : callable, optional
        Told how much is done, of how much.

    Returns
    -------
    dict
        Numbers that JSON knows, rounded: rows and pulsars that neither was trained on;
        fpr, the champion's at its own threshold; thresholds; recall of both at that
        false-positive rate, with the difference, its 95 % interval (paired bootstrap
        over pointings) and whether too much is lost; the same by slices, those that
        lose most first; sentinels won, lost, and not comparable because one of the two
        was trained on them; disagree, the rows that both call differently; reasons
        against the candidate, in sentences; why there were too few rows, or empty.
    """
    margins = margins or Margins()
    sides = ByRows(candidate, champion, margins, seed, tell)
    found = without_rows(NO_ROWS) if table is None else sides.judge(table)
    found["sentinels"] = by_sentinels(candidate, champion, sentinels)
    return {**found, "reasons": reasons(found, candidate.name, champion.name)}


def outcome(findings: dict[str, Any]) -> str:
    """Say in one word what was found.

    Parameters
    ----------
    findings : dict
        As `gate` gives them.

    Returns
    -------
    str
        ``refused`` where anything speaks against the candidate, also where there were
        too few rows and a sentinel would be lost; ``not_comparable`` where there were
        too few and nothing else is known; else ``passed``.
    """
    if findings["reasons"]:
        return REFUSED
    return NOT_COMPARABLE if findings["why"] else PASSED
