"""Signs of life of a comparison, with what it does now in words."""

from typing import Any

from registry.datasets.beat import BuildBeat


class GateBeat(BuildBeat):
    """As that of a build; its row has no counts but those in the words."""

    def changes(self) -> dict[str, Any]:
        done = f" · {100 * self.done // self.of}\u202f%" if self.of else ""
        return {"reason": f"{self.doing}{done}"}
