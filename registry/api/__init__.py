"""The registry, for programs."""

from ninja import Router

from registry.api import (
    aliases,
    builds,
    comparisons,
    datasets,
    experiments,
    exports,
    labels,
    models,
    pushes,
    retrainings,
    sentinels,
    side_by_side,
    trainings,
    triggers,
    versions,
)

router = Router()
router.add_router("models", models.router, tags=["models"])
router.add_router("models", versions.router, tags=["versions"])
router.add_router("versions", versions.lookup, tags=["versions"])
router.add_router("versions/compare", side_by_side.of_versions, tags=["versions"])
router.add_router("pushes", pushes.router, tags=["versions"])
router.add_router("models", aliases.router, tags=["aliases"])
router.add_router("comparisons", comparisons.router, tags=["aliases"])
router.add_router("datasets", datasets.router, tags=["datasets"])
router.add_router("builds", builds.router, tags=["datasets"])
# Its addresses stand where a number might: they are looked at first.
router.add_router("trainings", side_by_side.of_trainings, tags=["trainings"])
router.add_router("trainings", trainings.router, tags=["trainings"])
router.add_router("trainings.csv", trainings.table, tags=["trainings"])
router.add_router("experiments", experiments.router, tags=["trainings"])
router.add_router("triggers", triggers.router, tags=["triggers"])
router.add_router("retrainings", retrainings.router, tags=["triggers"])
router.add_router("sentinels", sentinels.router, tags=["sentinels"])
router.add_router("labels", labels.router, tags=["labels"])
router.add_router("exports", exports.router, tags=["exports"])
