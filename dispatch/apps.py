"""The app, as Django sees it."""

from django.apps import AppConfig


class DispatchConfig(AppConfig):
    name = "dispatch"

    def ready(self) -> None:
        from monitor import jobs  # noqa: PLC0415  # its models need every app first

        for sweep in ("sweep_runs", "keep_slots"):
            jobs.declare(
                sweep, cron="* * * * *", argv=[sweep], page="/dispatch/", sweep=True
            )
        jobs.declare(
            "prune_runs", cron="40 * * * *", argv=["prune_runs"], page="/dispatch/runs/"
        )
