"""Do one step of a training, as often as it may fail, and put on record what came."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.timezone import now

from monitor import claims, crash, room
from monitor.events import record
from monitor.work import State
from pulsar_ml.training import steps
from registry.errors import NoRoom, StepFailed, StepRefused, StepTimedOut
from registry.models import TrainingRun, TrainingStep
from registry.training import plan, process
from registry.training.beat import Beat

logger = logging.getLogger(__name__)

# As a step ends, see `pulsar_ml.training.__main__`.
_REFUSED, _NO_ROOM, _NO_MEMORY = 2, 3, 4
_LAST = steps.STEPS[-1]


class Taken:
    """A step of a run, or of its rehearsal, in one go at it."""

    def __init__(self, run: TrainingRun, step: steps.Step, *, rehearsal: bool) -> None:
        self.run = run
        self.step = step
        self.rehearsal = rehearsal
        self.folder = plan.rehearsal(run) if rehearsal else run.folder
        self.row, _ = TrainingStep.objects.get_or_create(
            run=run, rehearsal=rehearsal, name=step.name
        )
        self.refused = ""
        self.last_words = ""

    def take(self, beat: Beat) -> None:
        """Do it, unless it is done for the very inputs of now."""
        if not steps.is_done(self.folder, self.step):
            self._try(beat)
        self._note()

    def _try(self, beat: Beat) -> None:
        for left in reversed(range(settings.PULSAR.training.step_attempts)):
            self._lay_hand_on(beat)
            try:
                self._do(beat)
            except (StepFailed, StepTimedOut) as error:
                reason = f"{self}: {error}"
                self._end(State.FAILED, reason)
                if not left:
                    raise StepFailed(reason) from error
                logger.warning("%s Tried again.", reason)
            else:
                return

    def _lay_hand_on(self, beat: Beat) -> None:
        if reason := room.shortage():
            raise NoRoom(reason)
        beat.progress = self._progress()
        with transaction.atomic():
            claims.keep(self.run, progress=beat.progress)
            self._rows().update(
                state=State.RUNNING,
                reason="",
                attempts=F("attempts") + 1,
                started_at=now(),
                finished_at=None,
                inputs_sha256="",
                outputs=[],
            )
        logger.info("%s begins", self)

    def _do(self, beat: Beat) -> None:
        def hear(line: str) -> None:
            self._hear(line, beat)

        self.refused = self.last_words = ""
        with process.started(
            self.step.name, self.folder, hear, self._hear_words
        ) as started:
            crash.at(f"{self._point}.begun")
            code = started.wait(beat, self._seconds)
        beat.until_answered()
        if code == _REFUSED and self.refused:
            self._end(State.FAILED, self.refused)
            raise StepRefused(self.refused)
        # What it could not write in whole is gone again, and then there is room.
        if code == _NO_ROOM or (code and not room.suffices()):
            raise NoRoom(room.words(room.PART))
        if code:
            raise StepFailed(self._why(code))

    def _note(self) -> None:
        """Put down what it left; who lost the run tells no more of it."""
        crash.at(f"{self._point}.done")
        left = {
            "inputs_sha256": steps.inputs_sha256(self.folder, self.step),
            "outputs": steps.outputs(self.folder, self.step),
        }
        at = self._finished_at()
        with transaction.atomic():
            claims.keep(self.run)
            other = self._rows().exclude(state=State.SUCCESS, **left)
            noted = other.update(state=State.SUCCESS, reason="", finished_at=at, **left)
            if noted and self._ends_rehearsal:
                run = self.run
                record("training.rehearsed", about=str(run), who=run.by_id)
        if noted:
            logger.info("%s is done", self)

    def _finished_at(self) -> datetime:
        """By the files: the worker that waited for it may have died since."""
        seconds = steps.finished_at(self.folder, self.step)
        return datetime.fromtimestamp(seconds, tz=UTC)

    def _end(self, state: State, reason: str) -> None:
        with transaction.atomic():
            claims.keep(self.run)
            self._rows().update(state=state, reason=reason[:500], finished_at=now())

    def _hear(self, line: str, beat: Beat) -> None:
        """A line of facts; what is none is words."""
        try:
            told = json.loads(line)
            self.refused = told.get("refused", self.refused)
            said = {key: told[key] for key in ("done", "of", "words")}
        except (ValueError, AttributeError):
            self._hear_words(line)
        except KeyError:
            pass  # it was the refusal
        else:
            if said["words"] != beat.progress.get("words"):
                logger.info("%s: %s", self, said["words"])
            beat.progress = self._progress(**said)

    def _hear_words(self, line: str) -> None:
        self.last_words = line
        logger.info("%s: %s", self, line)

    def _progress(self, done: int = 0, of: int = 0, words: str = "") -> dict[str, Any]:
        return {
            "step": self.step.name,
            "rehearsal": self.rehearsal,
            "done": done,
            "of": of,
            "words": words,
        }

    def _why(self, code: int) -> str:
        if code < 0:
            return (
                f"its process was ended by signal {-code}; the machine may have too "
                "little memory."
            )
        if code == _NO_MEMORY:
            return "the machine has too little memory for it."
        said = self.last_words or f"its process ended with {code}"
        return f"{said.rstrip('.')}."

    def _rows(self) -> Any:
        return TrainingStep.objects.filter(pk=self.row.pk)

    @property
    def _seconds(self) -> float:
        limits = settings.PULSAR.training
        is_fit = self.step.name == TrainingStep.Name.FIT
        return 60 * (limits.fit_minutes if is_fit else limits.step_minutes)

    @property
    def _ends_rehearsal(self) -> bool:
        """Whether the run itself comes next, and that for the first time."""
        begun = self.run.steps.filter(rehearsal=False)
        return self.rehearsal and self.step is _LAST and not begun.exists()

    @property
    def _point(self) -> str:
        """Where a test may end it all."""
        return f"{'rehearse' if self.rehearsal else 'train'}.{self.step.name}"

    def __str__(self) -> str:
        label = TrainingStep.Name(self.step.name).label
        return f"{label} of the rehearsal" if self.rehearsal else label
