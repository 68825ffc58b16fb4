"""Simulate, plot, train, evaluate and classify from the shell, without the site."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from pulsar_ml import artefact, classify, simulate
from pulsar_ml.errors import PulsarError
from pulsar_ml.plots import command as plot
from pulsar_ml.serving import Scorer, shipped

_ALGORITHMS = ("random_forest", "gradient_boosting", "logistic_regression")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : sequence of str, optional
        Of the command line, without the program's name.

    Returns
    -------
    int
        0 if it did its work, 1 if it could not; wrong usage ends with 2.
    """
    options = _parser().parse_args(arguments)
    try:
        return _VERBS.get(options.verb, _learn)(options)
    except PulsarError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"{error.filename}: {error.strerror}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m pulsar_ml", description=__doc__)
    commands = parser.add_subparsers(dest="verb", required=True, metavar="COMMAND")

    train = commands.add_parser("train", help="train a model and write its artefact")
    _add_table(train)
    train.add_argument("--algorithm", choices=_ALGORITHMS, default=_ALGORITHMS[0])
    train.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    train.add_argument("--seed", type=int, default=0, help="of everything random")

    evaluate = commands.add_parser(
        "evaluate", help="judge a model on the labelled rows it was not trained on"
    )
    _add_model(evaluate)
    _add_table(evaluate)

    classification = commands.add_parser("classify", help="score candidates")
    classify.add_arguments(classification)
    _add_model(classification)

    simulate.add_arguments(
        commands.add_parser("simulate", help="make up candidates and write files")
    )

    plot.add_arguments(
        commands.add_parser("plot", help="draw the diagnostic plots of a candidate")
    )

    ship = commands.add_parser("ship", help="make the versions of the package anew")
    _add_table(ship)
    ship.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    return parser


def _add_table(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        type=Path,
        metavar="PATH",
        help="labelled table, or a folder with HTRU_2.csv; default: PULSARSITE_DATA",
    )
    parser.add_argument(
        "--observations",
        type=Path,
        metavar="FILE",
        help="pointing of each row; default: *_observations.csv beside the table",
    )
    parser.add_argument(
        "--jobs", type=int, default=1, help="threads; they change no result"
    )


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model",
        type=Path,
        metavar="FOLDER",
        help="of an artefact; default: the champion of the package",
    )


def _learn(options: argparse.Namespace) -> int:
    # scikit-learn takes two seconds, and to classify nobody needs it.
    from pulsar_ml import learn  # noqa: PLC0415

    if options.verb == "evaluate":
        options.model = options.model or _champion()
    return learn.COMMANDS[options.verb](options)


def _classify(options: argparse.Namespace) -> int:
    folder = options.model or _champion()
    scorer = Scorer(folder)
    version = f"{scorer.card['model']}/{folder.resolve().name}"
    return classify.run(options, scorer, version, sys.stdout, sys.stderr)


def _champion() -> Path:
    return next(
        folder
        for folder in shipped()
        if json.loads((folder / artefact.CARD).read_bytes())["champion"]
    )


_VERBS = {"classify": _classify, "plot": plot.run, "simulate": simulate.run}


if __name__ == "__main__":
    sys.exit(main())
