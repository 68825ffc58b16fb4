"""The Showroom, for programs."""

from ninja import Router

from showroom.api import (
    batches,
    candidates,
    cases,
    changes,
    classification,
    compare,
    corrections,
    downloads,
    export,
    health,
    models,
    pictures,
    predictions,
    rejects,
    rows,
    space,
    storage,
    verdicts,
    vetting,
)

router = Router()
router.add_router("batches", batches.router, tags=["batches"])
router.add_router("batches", changes.router, tags=["batches"])
router.add_router("batches", rows.router, tags=["rows"])
router.add_router("batches", pictures.router, tags=["rows"])
router.add_router("batches", space.router, tags=["rows"])
router.add_router("batches", rejects.router, tags=["rejects"])
router.add_router("batches", compare.router, tags=["batches"])
router.add_router("batches", downloads.of_batch, tags=["downloads"])
router.add_router("storage", storage.router, tags=["batches"])
router.add_router("downloads", downloads.router, tags=["downloads"])
router.add_router("batches", candidates.of_batch, tags=["candidates"])
router.add_router("candidates", candidates.router, tags=["candidates"])
router.add_router("batches", verdicts.of_batch, tags=["verdicts"])
router.add_router("batches", classification.router, tags=["verdicts"])
router.add_router("verdicts", verdicts.router, tags=["verdicts"])
router.add_router("verdicts", vetting.router, tags=["verdicts"])
router.add_router("predictions", predictions.router, tags=["predictions"])
router.add_router("cases", cases.router, tags=["predictions"])
router.add_router("", corrections.router, tags=["corrections"])

# Without a version in their addresses, as programs have known them for long.
direct = Router()
direct.add_router("models", models.router, tags=["inference"])
direct.add_router("export", export.router, tags=["exports"])
direct.add_router("health", health.router, tags=["models"])
