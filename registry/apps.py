"""The app, as Django sees it."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "registry"

    def ready(self) -> None:
        from monitor import jobs  # noqa: PLC0415  # models need every app
        from monitor import metrics as machines  # noqa: PLC0415
        from monitor.figures import gather  # noqa: PLC0415
        from monitor.models import Check  # noqa: PLC0415
        from monitor.probes import reading  # noqa: PLC0415
        from monitor.report import sections  # noqa: PLC0415
        from registry import health, metrics, night  # noqa: PLC0415

        jobs.declare(
            "prune_trainings",
            cron="50 * * * *",
            argv=["prune_trainings"],
            page="/registry/training/",
        )
        jobs.declare(
            "sweep_registry",
            cron="* * * * *",
            argv=["sweep_registry"],
            page="/registry/training/",
            sweep=True,
        )
        jobs.declare(
            "registry_triggers",
            cron="* * * * *",
            argv=["registry_triggers"],
            page="/registry/triggers/",
            sweep=True,
        )
        sections.declare(70, night.champion)
        champion = reading.Probe(health.SLUG, Check.Kind.MODEL, "Champion", health.look)
        reading.declare(champion)
        metrics.declare_figures()
        gather.declare(metrics.measure)
        machines.declare(metrics.collect)
