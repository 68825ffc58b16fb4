"""The registry's rows."""

from registry.models.comparison import Comparison
from registry.models.dataset import Build, Dataset
from registry.models.export import Export, Exported
from registry.models.label import Label, Sentinel
from registry.models.push import Push
from registry.models.training import Experiment, TrainingRun, TrainingStep
from registry.models.trigger import Decision, Retraining, Trigger
from registry.models.version import STAGES, Alias, AliasMove, Model, Version

__all__ = [
    "STAGES",
    "Alias",
    "AliasMove",
    "Build",
    "Comparison",
    "Dataset",
    "Decision",
    "Experiment",
    "Export",
    "Exported",
    "Label",
    "Model",
    "Push",
    "Retraining",
    "Sentinel",
    "TrainingRun",
    "TrainingStep",
    "Trigger",
    "Version",
]
