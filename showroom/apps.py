"""The app, as Django sees it."""

from django.apps import AppConfig


class ShowroomConfig(AppConfig):
    name = "showroom"

    def ready(self) -> None:
        from monitor import jobs  # noqa: PLC0415  # its models need every app first
        from monitor import metrics as machines  # noqa: PLC0415
        from monitor.report import sections  # noqa: PLC0415
        from showroom import figures, metrics, night  # noqa: PLC0415
        from showroom.audits import names  # noqa: PLC0415

        jobs.declare(
            "sweep_batches",
            cron="* * * * *",
            argv=["sweep_batches"],
            page="/showroom/",
            sweep=True,
        )
        jobs.declare(
            "seal_cases", cron="0 * * * *", argv=["seal_cases"], page="/showroom/cases/"
        )
        jobs.declare(
            "prune", cron="30 * * * *", argv=["prune"], page="/showroom/storage/"
        )
        jobs.declare(
            "audit_sample",
            cron="20 * * * *",
            argv=["audit_sample"],
            page="/showroom/vet/?order=audit",
        )
        sections.declare(20, night.candidates)
        sections.declare(30, night.rejects)
        machines.declare(metrics.collect)
        machines.declare(names.collect)
        figures.declare_figures()
        names.declare_figures()
