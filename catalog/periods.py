"""The months, quarters or years of a range of days, each with the same days a year before."""

import datetime as dt
from calendar import monthrange
from dataclasses import dataclass, field

from django.db.models import TextChoices


class Every(TextChoices):
    MONTH = "month", "Months"
    QUARTER = "quarter", "Quarters"
    YEAR = "year", "Years"


MONTHS = {Every.MONTH: 1, Every.QUARTER: 3, Every.YEAR: 12}


@dataclass(frozen=True, slots=True)
class Period:
    """Days from first to last, both in it."""

    first: dt.date
    last: dt.date
    name: str = field(compare=False)

    @property
    def days(self) -> str:
        return f"{_day(self.first)} to {_day(self.last)}"

    @property
    def year_before(self) -> "Period":
        """The same days, a year earlier; the end of a February is its end, however many days it has."""
        first, last = self.first, self.last
        first = first.replace(year=first.year - 1, day=min(first.day, monthrange(first.year - 1, first.month)[1]))
        end = monthrange(last.year - 1, last.month)[1]
        ends = last.day == monthrange(last.year, last.month)[1]
        last = last.replace(year=last.year - 1, day=end if ends else min(last.day, end))
        return Period(first, last, f"{_day(first)} to {_day(last)}")

    @property
    def latest_year(self) -> "Period":
        """Its last twelve months, or all of it where it is shorter."""
        first = max(self.first, self.year_before.last + dt.timedelta(days=1))
        return Period(first, self.last, f"{_day(first)} to {_day(self.last)}")


def range_of(first: dt.date, last: dt.date) -> Period:
    return Period(first, last, f"{_day(first)} to {_day(last)}")


def periods(whole: Period, every: Every) -> list[Period]:
    """The calendar's periods that have a day in the range, the first and last of them cut where the range ends."""
    found: list[Period] = []
    months = MONTHS[every]
    first = whole.first
    while first <= whole.last:
        start = (first.month - 1) // months * months + 1
        after = dt.date(first.year + (start + months > 12), (start + months - 1) % 12 + 1, 1)
        last = min(after - dt.timedelta(days=1), whole.last)
        found.append(Period(first, last, _named(first, last, every)))
        first = after
    return found


def _named(first: dt.date, last: dt.date, every: Every) -> str:
    """ "2024", "Q2 2024" or "Apr 2024"; where only a part of it counts, with a star."""
    name = {Every.YEAR: f"{first:%Y}", Every.QUARTER: f"Q{(first.month + 2) // 3} {first:%Y}"}.get(
        every, f"{first:%b %Y}"
    )
    begins = first.day == 1 and (first.month - 1) % MONTHS[every] == 0
    ends = last.month % MONTHS[every] == 0 and last.day == monthrange(last.year, last.month)[1]
    return name if begins and ends else f"{name}*"


def _day(day: dt.date) -> str:
    return f"{day:%-d %b %Y}"
