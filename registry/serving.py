"""The version that answers, loaded once and found within a second of a promotion."""

import re
import time
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from pulsar_ml.serving import Scorer
from registry.errors import NoSuchVersion, NotReady
from registry.load import load, must_be_ready
from registry.models import STAGES, TrainingRun, Version

DEFAULT_MODEL = "pulsar"
ALIAS_SECONDS = 1.0

_REFERENCE = re.compile(
    r"(?:models:/)?(?:(?P<model>[\w-]{1,60})(?P<mark>[@/]))?(?P<which>[\w-]{1,60})",
    re.ASCII,
)
_ALIASES = {stage: alias for alias, stage in STAGES.items()}


class Served(NamedTuple):
    """A version and what computes its scores."""

    version: Version
    scorer: Scorer


def champion(model: str = DEFAULT_MODEL) -> Served:
    """What is in production; a promotion takes hold within a second."""
    return at_alias(model, "champion")


def at_alias(model: str, alias: str) -> Served:
    """What this alias, or stage, names; a move of it takes hold within a second."""
    name = _ALIASES.get(alias, alias)
    return _at_alias(model, name, int(time.monotonic() / ALIAS_SECONDS))


def of_training(number: int) -> Served:
    """The version that a training ended as, whatever the aliases say."""
    trained = TrainingRun.objects.select_related("version__model")
    training = trained.filter(pk=number).first()
    if training is None:
        raise NoSuchVersion(f"There is no training {number}.")
    if training.version is None:
        state = training.get_state_display().lower()
        raise NotReady(f"Training {number} has made no version: it is {state}.")
    return serve(training.version)


def serve(version: Version) -> Served:
    """This very version, whatever the aliases say."""
    must_be_ready(version)
    threads = settings.PULSAR.registry.threads
    return Served(version, _scorer(version, version.folder, threads))


def resolve(reference: str) -> Served:
    """The version that a person names, ready to answer."""
    return serve(find(reference))


def find(reference: str) -> Version:
    """The version that a person names, if it may answer; nothing of it is loaded.

    Understood are ``2``, ``pulsar/2``, ``champion``, ``pulsar@champion``,
    ``models:/pulsar/2``, ``models:/pulsar@champion`` and ``models:/pulsar/Production``.
    """
    match = _REFERENCE.fullmatch(reference)
    if not match:
        raise NoSuchVersion(
            f"{reference!r} is no reference; write pulsar/2 or pulsar@champion."
        )
    model, which = match["model"] or DEFAULT_MODEL, match["which"]
    if which.isdigit() and match["mark"] != "@":
        return _numbered(model, int(which))
    return _named(model, _ALIASES.get(which, which))


@lru_cache(maxsize=32)
def _at_alias(model: str, alias: str, _second: int) -> Served:
    return serve(_named(model, alias))


@lru_cache(maxsize=8)
def _scorer(version: Version, _folder: Path, threads: int) -> Scorer:
    # One that is loaded goes on, whatever happens to its files.
    return load(version, threads=threads)


def _named(model: str, alias: str) -> Version:
    versions = Version.objects.select_related("model").prefetch_related("aliases")
    found = versions.filter(aliases__name=alias, aliases__model__name=model)
    return _only(found.first(), f"{model}@{alias}")


def _numbered(model: str, number: int) -> Version:
    found = Version.objects.select_related("model").filter(
        model__name=model, number=number
    )
    return _only(found.first(), f"{model}/{number}")


def _only(version: Version | None, reference: str) -> Version:
    if version is None:
        raise NoSuchVersion(f"There is no version {reference}.")
    must_be_ready(version)
    return version
