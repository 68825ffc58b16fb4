"""Dispatch, for programs."""

from ninja import Router

from dispatch.api import (
    connections,
    positions,
    preview,
    runs,
    schedules,
    slots,
    switch,
    trying,
)

router = Router()
router.add_router("connections", connections.router, tags=["connections"])
router.add_router("runs", runs.router, tags=["runs"])
for part in (schedules, switch, trying, positions, preview):
    router.add_router("", part.router, tags=["schedules"])
router.add_router("", slots.router, tags=["slots"])
