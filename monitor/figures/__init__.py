"""Measured figures over time: kept, thinned by age, drawn."""

from monitor.figures.declared import Figure, declare

__all__ = ["Figure", "declare"]
