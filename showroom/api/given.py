"""What programs may send to the showroom, bounded as its columns are."""

from typing import Annotated

from ninja import Field

Words = Annotated[str, Field(max_length=255, pattern=r"^[^\x00]*$")]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Score = Annotated[float, Field(ge=0, le=1)]
VersionName = Annotated[
    str, Field(pattern="^[-A-Za-z0-9_]{1,60}/[0-9]{1,9}$", examples=["pulsar/2"])
]
