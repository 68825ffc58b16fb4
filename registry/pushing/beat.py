"""Signs of life of an examination, with what it has found."""

from collections.abc import Callable
from typing import Any

from monitor import beat
from registry.models import Push


class Beat(beat.Beat):
    """Called wherever the examination comes by; raises what ends it from outside."""

    def __init__(self, push: Push, stopping: Callable[[], bool]) -> None:
        super().__init__(push, stopping)
        self.findings: list[dict[str, Any]] = []
        self.doing = ""

    def changes(self) -> dict[str, Any]:
        """Each check so far, and what is at work."""
        return {"findings": self.findings, "reason": self.doing[:500]}
