"""What stands in the addresses of the API's operations."""

import re
from typing import Any

from pulsarsite.tests.world import World, words_of

# By the name of a part of an address: the page it is a part of, and its name there.
_SAME: dict[str, tuple[str, str]] = {
    "alert": ("monitor:alert", "pk"),
    "build": ("registry:build", "pk"),
    "channel": ("monitor:channel", "pk"),
    "check": ("monitor:check", "slug"),
    "comparison": ("registry:comparison", "pk"),
    "connection": ("dispatch:connection", "slug"),
    "dataset": ("registry:dataset", "number"),
    "case": ("showroom:ready-case", "slug"),
    "delivery": ("monitor:delivery", "pk"),
    "export": ("registry:export-file", "pk"),
    "figure": ("monitor:figure", "name"),
    "job": ("monitor:job", "slug"),
    "label": ("registry:label", "pk"),
    "model": ("registry:version", "model"),
    "name": ("registry:version", "model"),
    "push": ("registry:push", "pk"),
    "removed": ("dispatch:restore", "pk"),
    "retraining": ("registry:retraining", "pk"),
    "rule": ("monitor:rule", "pk"),
    "run": ("dispatch:run", "pk"),
    "schedule": ("dispatch:schedule", "slug"),
    "sentinel": ("registry:sentinel", "pk"),
    "training": ("registry:run", "pk"),
    "trigger": ("registry:trigger", "pk"),
    "version": ("registry:version", "number"),
}
# Of these there is one of another kind, too.
_FILES = {
    "datasets": "rows.csv",
    "exports": "labels.csv",
    "trainings": "load.json",
    "versions": "model.onnx",
}
# Where the address ends so, it is about another thing of the kind.
_INSTEAD = {
    "/batches/{batch}/remove": ("batch", "deleted"),
    "/batches/{batch}/restore": ("batch", "deleted"),
    "/rejects/{row}": ("row", "reject"),
    "/rejects/{row}/figures": ("row", "reject"),
    "/rejects/{row}/picture": ("row", "reject"),
    "/rewind": ("schedule", "read"),
    "/rewind/undo": ("schedule", "read"),
}


def words(site: World, kind: str) -> dict[str, Any]:
    """What is there, of everything, and of one kind of batch."""
    batch = site.batches[kind]
    named = {part: words_of(site, page)("")[own] for part, (page, own) in _SAME.items()}
    return named | {
        "alias": "champion",
        "batch": batch["number"],
        "deleted": batch["deleted"],
        "download": batch["pk"],
        "other": batch["other"],
        "prediction": f"{batch['number']}-{batch['row']}",
        "read": words_of(site, "dispatch:rewind")("")["slug"],
        "reject": batch["reject"],
        "row": batch["row"],
        "skip": 1,
    }


def filled(path: str, there: dict[str, Any]) -> str:
    """The address with what is there."""

    for end, (name, another) in _INSTEAD.items():
        if path.endswith(end):
            path = path.replace(f"{{{name}}}", str(there[another]))

    def part(found: re.Match[str]) -> str:
        if found[1] == "file":
            return next(one for noun, one in _FILES.items() if f"/{noun}/" in path)
        return str(there[found[1]])

    return re.sub(r"{(\w+)}", part, path)
