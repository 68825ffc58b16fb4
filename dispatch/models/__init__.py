"""What dispatch keeps in the database."""

from dispatch.models.intake import Intake, Sighting
from dispatch.models.position import Position
from dispatch.models.run import Run, Step
from dispatch.models.schedule import Schedule
from dispatch.models.slot import Slot

__all__ = ["Intake", "Position", "Run", "Schedule", "Sighting", "Slot", "Step"]
