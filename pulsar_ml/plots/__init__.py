"""The diagnostic plots of a candidate: interactive figures, and pictures of them."""

from pulsar_ml.plots.facts import facts
from pulsar_ml.plots.interactive import figures
from pulsar_ml.plots.picture import render

__all__ = ["facts", "figures", "render"]
