"""A cron line told as a sentence."""

import re

from cron_descriptor import Options, get_description

from monitor.clock.fields import FIELDS, Field, values

# What cron-descriptor says of a line that is due at midnight of certain days.
_MIDNIGHT = "At 00:00, "


def words(cron: str) -> str:
    """What the five fields say, of a line that was found right."""
    minutes, hours, days, months, weekdays = (
        _listed(field, text) for field, text in zip(FIELDS, cron.split(), strict=True)
    )
    when = _describe(f"{minutes} {hours} * * *")
    in_months = _part(f"0 0 * {months} *")
    return ", ".join(filter(None, [when, _days(cron, days, weekdays), in_months]))


def _days(cron: str, days: str, weekdays: str) -> str:
    """Which days: of the two fields cron takes either, unless one begins with *."""
    _, _, day_field, _, weekday_field = cron.split()
    both = day_field.startswith("*") or weekday_field.startswith("*")
    if not both and "*" in (days, weekdays):
        return ""  # any day is one of all days, whatever the other field says
    of_month = _part(f"0 0 {days} * *")
    of_week = _part(f"0 0 * * {weekdays}").removeprefix("only ")
    if not of_month or not of_week:
        return of_month or (of_week and f"only {of_week}")
    if both:
        return f"{of_month}, and only if that is {of_week.removeprefix('on ')}"
    return f"{of_month} or {of_week}"


def _part(cron: str) -> str:
    return _describe(cron).removeprefix(_MIDNIGHT).removeprefix("At 00:00")


def _describe(cron: str) -> str:
    options = Options()
    options.use_24hour_time_format = True
    # Else it looks for the language of the machine.
    options.locale_code = "en_US"
    return str(get_description(cron, options))


def _listed(field: Field, text: str) -> str:
    """The field without what needs a second thought: all, even steps, values, runs."""
    found = values(field, text)
    every = set(range(field.low, field.high + 1))
    if field.high == 7:
        # A week that ends with Sunday reads better: Friday through Sunday.
        found, every = {number or 7 for number in found}, every - {0}
    if found == every:
        return "*"
    numbers = sorted(found)
    if numbers == list(range(numbers[0], numbers[-1] + 1)) and len(numbers) > 2:
        return f"{numbers[0]}-{numbers[-1]}"
    # Of minutes and hours only: the last step of a month is a shorter one.
    step = re.fullmatch(r"\*/(\d+)", text)
    if step and field.name in ("minutes", "hours") and not len(every) % int(step[1]):
        return text
    return ",".join(map(str, numbers))
