"""What programs may send to the registry, bounded as its columns are."""

from typing import Annotated

from ninja import Field

from registry.move_alias import REASON_LENGTH
from registry.training.experiments import LONGEST

# No database keeps the character 0 in a text.
_TEXT = r"^[^\x00]*$"

Slug = Annotated[str, Field(max_length=60, pattern=r"^[-a-zA-Z0-9_]+$")]
Text = Annotated[str, Field(max_length=500, pattern=_TEXT)]
Long = Annotated[str, Field(max_length=10_000, pattern=_TEXT)]
Title = Annotated[str, Field(max_length=100, pattern=_TEXT)]
Reason = Annotated[str, Field(max_length=REASON_LENGTH, pattern=_TEXT)]
Experiment = Annotated[str, Field(min_length=1, max_length=LONGEST, pattern=_TEXT)]
Tag = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\x00,]*$")]
# Of a version, as people and other registries write it.
Reference = Annotated[str, Field(min_length=1, max_length=200, pattern=_TEXT)]
# One that a column of numbers can hold.
Count = Annotated[int, Field(ge=1, le=2**31 - 1)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
