"""Give out the night report, or only show it."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from monitor.report import night
from monitor.report.give_out import GivenOut, give_out, subject, text_of
from monitor.report.sections import count
from monitor.report.write import write
from monitor.starts.watch import Watched, watch


class Command(BaseCommand):
    help = "Gives the report of the last night, or another, to whoever wants it."
    # Started by the clock, so often: they would load every page.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--date", type=date.fromisoformat, help="The day on which the night ended."
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Only show it; send nothing."
        )
        parser.add_argument(
            "--again", action="store_true", help="Even if it was given out before."
        )

    def handle(
        self, *, date: date | None, dry_run: bool, again: bool, **options: Any
    ) -> None:
        at = timezone.now()
        try:
            wanted = night.ended_on(date, at) if date else night.last(at)
        except night.NoSuchNight as error:
            raise CommandError(str(error)) from error
        if not wanted.is_over:
            raise CommandError("This night is not over yet.")
        if dry_run:
            report = write(wanted)
            self.stdout.write(f"{subject(report)}\n\n{text_of(report)}")
            return
        with watch("night_report") as watched:
            if not watched.is_left_out():
                self._give_out(wanted, watched, again=again)

    def _give_out(self, wanted: night.Night, watched: Watched, *, again: bool) -> None:
        report = write(wanted)
        watched.page(report.page)
        try:
            n_channels = give_out(report, timezone.now(), again=again)
        except GivenOut as error:
            watched.refuse(str(error))
            self.stdout.write(f"{error} --again sends it once more.")
            return
        if n_channels:
            told = count(n_channels, "channel")
            self.stdout.write(f"night {wanted.day}: given to {told}")
        else:
            self.stdout.write("No channel wants the night report: nothing is sent.")
