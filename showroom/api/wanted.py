"""Which rows of a batch a program asks for: the form of the table, by its words."""

from typing import Annotated, Any, Literal

from django.http import QueryDict
from ninja import Field, Schema

from accounts.models import User
from accounts.requests import Request
from registry.api.given import Finite
from showroom.api.given import Score, Words
from showroom.api.turning import refused
from showroom.forms import RowsForm
from showroom.models import Batch
from showroom.verdicts.chosen import ME

# One of the six, that there is any, or that there is none.
Verdict = Literal[
    "T1_CAND", "T2_CAND", "KNOWN_PSR", "NB_PSR", "RFI", "NOISE", "given", "none"
]


class Rows(Schema):
    """Which rows; what is not said chooses none."""

    text: Words | None = Field(None, description="What the name contains.")
    predicted: Literal["0", "1"] | None = None
    warning: Literal["none", "extrapolation", "unusual"] | None = None
    verdict: Verdict | None = None
    judge: Words | None = Field(None, description="`me`, or the name of a person.")
    low: Score | None = Field(None, description="The least score.")
    high: Score | None = Field(None, description="The greatest score.")
    prof_mean_from: Finite | None = None
    prof_mean_to: Finite | None = None
    prof_std_from: Finite | None = None
    prof_std_to: Finite | None = None
    prof_skew_from: Finite | None = None
    prof_skew_to: Finite | None = None
    prof_exkurt_from: Finite | None = None
    prof_exkurt_to: Finite | None = None
    dm_mean_from: Finite | None = None
    dm_mean_to: Finite | None = None
    dm_std_from: Finite | None = None
    dm_std_to: Finite | None = None
    dm_skew_from: Finite | None = None
    dm_skew_to: Finite | None = None
    dm_exkurt_from: Finite | None = None
    dm_exkurt_to: Finite | None = None

    def query(self) -> QueryDict:
        """As the address of the page has it."""
        query = QueryDict(mutable=True)
        given = self.model_dump(exclude_none=True, mode="json")
        query.update({name: str(value) for name, value in given.items()})
        if self.judge:
            query["judge"] = numbered(self.judge)
        return query


class Ordered(Rows):
    """Which rows, and in which order."""

    sort: Annotated[str, Field(pattern="^-?[a-z_]{1,20}[0-9]{0,3}$")] | None = Field(
        None,
        description="A column such as `row`, `name`, `dm_mean` or `meta_0`, behind a "
        "minus the other way round; without it the highest scores come first.",
    )


class Exported(Ordered):
    """Which rows, in which order, and whether with what is said of them."""

    verdicts: Literal["on"] | None = Field(
        None, description="Adds one's own verdict, and the one on which all agree."
    )


def numbered(judge: str) -> str:
    """A person as the forms of the pages have them; nobody has the number 0."""
    if judge == ME:
        return ME
    found = User.objects.filter(username=judge).values_list("pk", flat=True).first()
    return str(found or 0)


def wanted(request: Request, batch: Batch, asked: Rows, **place: str) -> dict[str, Any]:
    """What the form of the table makes of it, from a place on."""
    query = asked.query()
    query.update(place)
    form = RowsForm(query, batch=batch, user=request.user)
    if not form.is_valid():
        raise refused(form)
    return form.cleaned_data
