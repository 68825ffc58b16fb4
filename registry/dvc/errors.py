"""What can go wrong in the repository of a group, in words for its keeper."""

from registry.errors import RegistryError


class Refused(RegistryError):
    """The repository cannot take an export as it is now."""


class Busy(Refused):
    """Another process is at work in it, and takes along what waits."""


class NotPushed(Refused):
    """The remote took nothing, and would take nothing else now either."""
