"""The registry's rows."""

from registry.models.dataset import Build, Dataset
from registry.models.label import Label, Sentinel
from registry.models.training import Experiment, TrainingRun, TrainingStep
from registry.models.version import STAGES, Alias, AliasMove, Model, Version

__all__ = [
    "STAGES",
    "Alias",
    "AliasMove",
    "Build",
    "Dataset",
    "Experiment",
    "Label",
    "Model",
    "Sentinel",
    "TrainingRun",
    "TrainingStep",
    "Version",
]
