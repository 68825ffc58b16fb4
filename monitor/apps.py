"""The app, as Django sees it."""

from django.apps import AppConfig


class MonitorConfig(AppConfig):
    name = "monitor"

    def ready(self) -> None:
        from monitor import jobs, people  # noqa: PLC0415  # models need every app first
        from monitor.figures import known  # noqa: PLC0415
        from monitor.metrics import ours  # noqa: PLC0415
        from monitor.report import alerts, checks, night, sections  # noqa: PLC0415
        from monitor.report import jobs as starts  # noqa: PLC0415

        jobs.declare(
            "night_report",
            cron=night.cron(),
            argv=["night_report"],
            page="/monitor/report/",
            # Who wants it now wants it although it was given out.
            at_once=["--again"],
        )
        sections.declare(40, alerts.alerts)
        sections.declare(50, checks.checks)
        sections.declare(60, starts.jobs)
        people.declare_places()
        known.declare_ours()
        ours.declare_ours()
