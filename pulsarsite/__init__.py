"""The wiring: configuration, settings, addresses. No work is done here."""

__version__ = "0.1.0"
