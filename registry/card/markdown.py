"""A card as Markdown, to be read anywhere and pasted beside a paper."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from registry.card import beside as others
from registry.card.figures import Line
from registry.card.missed import columns
from registry.card.numbers import NOTHING, count, figure, score
from registry.card.slices import Slice
from registry.card.whole import Card

# What Markdown would take for its own.
_OWN = re.compile(r"([\\`*_\[\]<>|#])")
# As many as the page shows; JSON has all.
_MOST_MISSED = 200


def markdown(card: Card) -> str:
    """Tables and sentences; drawings stay on the page."""
    parts = (
        _head(card),
        _figures(card),
        _threshold(card),
        _trade(card),
        _slices(card),
        _missed(card),
        _importance(card),
        _beside(card),
        _limits(card),
        _files(card),
    )
    return "\n".join(line for part in parts for line in part).strip() + "\n"


def _head(card: Card) -> Iterator[str]:
    version, told = card.version, card.version.card
    dataset, run = told["dataset"], card.run
    yield f"# Model card: {_plain(version)}\n"
    learned = _plain(version.algorithm).capitalize()
    yield f"{learned}; it gives a folded pulsar candidate the probability that"
    yield "it is a pulsar, from eight features.\n"
    yield from _table(
        ("", ""),
        [
            ("Stage", ", ".join(version.stages) or "none"),
            ("Parameters", _pairs(told["parameters"])),
            ("Threshold", score(told["threshold"])),
            ("Dataset", f"{dataset['name']}, SHA-256 {dataset['sha256']}"),
            (
                "Its rows",
                f"{count(dataset['rows'])}, pulsars {count(dataset['pulsars'])}",
            ),
            ("Trained on", f"{count(dataset['trained_rows'])} rows"),
            ("Hold-out", f"{count(dataset['holdout_rows'])} rows"),
            ("Seed", str(told["seed"])),
            ("Trained", told["created"]),
            ("Training run", f"{run.pk} of {run.experiment}" if run else NOTHING),
            ("Libraries", _pairs(told.get("libraries", {}))),
            ("Artefact", f"SHA-256 {version.sha256}"),
        ],
    )


def _figures(card: Card) -> Iterator[str]:
    found = card.figures
    yield "\n## How good it is\n"
    yield "In brackets the 95 % interval.\n"
    for split in found.splits:
        report = split.report
        yield (
            f"- **{split.label}** ({split.kind}): {split.meaning}; "
            f"{count(report['rows'])} rows, {count(report['pulsars'])} pulsars; "
            f"interval: {report['interval']}"
        )
    yield "\nAt the shipped threshold:\n"
    yield from _figure_table(card, found.lines)
    yield "\nAt the threshold for F1:\n"
    yield from _figure_table(card, found.at_f1)
    yield "\nVerdicts at the shipped threshold, counted:\n"
    names = ("tp", "fn", "fp", "tn")
    yield from _table(
        ("Rows", "Pulsars found", "Pulsars missed", "False alarms", "Others left"),
        [
            (split.label, *(count(split.report["confusion"][n]) for n in names))
            for split in found.splits
        ],
    )


def _figure_table(card: Card, lines: Sequence[Line]) -> Iterator[str]:
    labels = [split.label for split in card.figures.splits]
    rows = [(line.label, *map(figure, line.values)) for line in lines]
    return _table(("Figure", *labels), rows)


def _threshold(card: Card) -> Iterator[str]:
    told = card.version.card
    yield "\n## How rows were set aside, and the threshold chosen\n"
    yield f"- {_plain(told['split_policy'])}"
    yield f"- {_plain(told['threshold_rule'])}"


def _trade(card: Card) -> Iterator[str]:
    if not card.trade:
        return
    yield "\n## What other thresholds would win and cost, on the hold-out\n"
    lines, shipped = card.trade.lines, card.trade.shipped
    kept = sorted({*range(0, len(lines), max(1, len(lines) // 20)), shipped})
    yield from _table(
        ("Threshold", "Recall", "Precision", "FPR", "F1", "Found", "Missed", "False"),
        [
            (
                score(line.threshold) + (" (shipped)" if place == shipped else ""),
                *(f"{n:.4f}" for n in (line.recall, line.precision, line.fpr, line.f1)),
                *(count(n) for n in (line.tp, line.fn, line.fp)),
            )
            for place, line in ((place, lines[place]) for place in kept)
        ],
    )


def _slices(card: Card) -> Iterator[str]:
    if not card.slices:
        return
    yield "\n## Slices of the hold-out, the worst first\n"
    judged, few = card.slices.judged, card.slices.too_few
    if not judged and not few:
        yield "The dataset has no observation columns to slice by."
        return
    yield from _table(
        ("Slice", "Rows", "Pulsars", "Recall", "False-positive rate"),
        [
            (
                _name(part),
                count(part.rows),
                count(part.pulsars),
                _known(part, part.recall),
                _known(part, part.fpr),
            )
            for part in (*judged, *few)
        ],
    )


def _known(part: Slice, value: Mapping[str, float] | None) -> str:
    return figure(value) if value else f"too few rows: {part.why}"


def _name(part: Slice) -> str:
    return f"{part.column}: {part.label}"


def _missed(card: Card) -> Iterator[str]:
    if card.missed is None:
        return
    yield "\n## Pulsars of the hold-out that it misses\n"
    if not card.missed:
        yield "None."
        return
    names = columns(card.missed)
    shown = card.missed[:_MOST_MISSED]
    yield from _table(
        ("Name or hash", "Score", *names),
        [
            (each.called, score(each.score), *(_value(each.observed, n) for n in names))
            for each in shown
        ],
    )
    if len(card.missed) > len(shown):
        yield f"\nAnd {count(len(card.missed) - len(shown))} more."


def _importance(card: Card) -> Iterator[str]:
    if not card.importance:
        return
    yield "\n## Which features it leans on\n"
    yield "Permutation: what average precision loses when the feature is shuffled in"
    yield "the hold-out. Shapley: the mean size of its part in the log-odds.\n"
    yield from _table(
        ("Feature", "Permutation", "Shapley"),
        [
            (
                each.words,
                figure(each.permutation),
                NOTHING if each.shapley is None else f"{each.shapley:.3f}",
            )
            for each in card.importance
        ],
    )


def _beside(card: Card) -> Iterator[str]:
    if not card.beside:
        return
    yield "\n## Beside others\n"
    yield from _table(
        ("Who", "On", *others.LABELS),
        [
            (line.name, line.on, *(figure(value, 3) for value in line.values))
            for line in card.beside.lines
        ],
    )
    champion = card.beside.champion
    if champion and champion.why:
        yield f"\n{_plain(champion.name)}, the champion then: {_plain(champion.why)}"


def _limits(card: Card) -> Iterator[str]:
    yield "\n## What to beware of\n"
    for limit in card.limits:
        yield f"- **{limit.title}.** {_plain(limit.words)}"
    for words in card.missing:
        yield f"- **Not on this card.** {_plain(words)}"


def _files(card: Card) -> Iterator[str]:
    if not card.files:
        return
    yield "\n## Files of the artefact\n"
    rows = [
        (file.name, f"{count(file.size)} bytes", file.sha256) for file in card.files
    ]
    yield from _table(("File", "Size", "SHA-256"), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _row(head)
    yield "|" + " --- |" * len(head)
    yield from map(_row, rows)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(_plain(cell) for cell in cells) + " |"


def _plain(value: object) -> str:
    """In one line, and nothing of it read as a mark: names come from anywhere."""
    return _OWN.sub(r"\\\1", " ".join(str(value).split()))


def _pairs(found: object) -> str:
    if not isinstance(found, dict):
        return str(found)
    return ", ".join(f"{key} = {value}" for key, value in found.items()) or NOTHING


def _value(observed: object, name: str) -> str:
    value = observed.get(name) if isinstance(observed, dict) else None
    return NOTHING if value is None else str(value)
