"""Which right each operation of the API takes; a new one stands here, too."""

from collections.abc import Mapping

_SHOWROOM = {
    "showroom.view_batch": "list_batches get_batch",
}
_REGISTRY: dict[str, str] = {}
_DISPATCH: dict[str, str] = {}
_MONITOR: dict[str, str] = {}


def _by_operation(*apps: Mapping[str, str]) -> dict[str, str]:
    return {
        name: right
        for app in apps
        for right, names in app.items()
        for name in names.split()
    }


OPERATIONS = _by_operation(_SHOWROOM, _REGISTRY, _DISPATCH, _MONITOR)
