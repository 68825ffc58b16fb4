"""The Showroom, for programs."""

from ninja import Router

from showroom.api import batches

router = Router()
router.add_router("batches", batches.router, tags=["batches"])
