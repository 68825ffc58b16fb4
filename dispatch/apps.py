"""The app, as Django sees it."""

from django.apps import AppConfig


class DispatchConfig(AppConfig):
    name = "dispatch"

    def ready(self) -> None:
        from dispatch import metrics, night  # noqa: PLC0415
        from monitor import jobs  # noqa: PLC0415  # its models need every app first
        from monitor import metrics as machines  # noqa: PLC0415
        from monitor.report import sections  # noqa: PLC0415

        for sweep in ("sweep_runs", "keep_slots"):
            jobs.declare(
                sweep, cron="* * * * *", argv=[sweep], page="/dispatch/", sweep=True
            )
        jobs.declare(
            "prune_runs", cron="40 * * * *", argv=["prune_runs"], page="/dispatch/runs/"
        )
        sections.declare(10, night.runs)
        metrics.declare_figures()
        machines.declare(metrics.collect)
