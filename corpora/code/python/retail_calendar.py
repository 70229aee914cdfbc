"""Dates in a 4-4-5 retail year.

The year begins on the Sunday closest to the first of February and is cut
into quarters of thirteen weeks; inside a quarter the "months" have four,
four and five weeks.  Every fifth or sixth year a fifty-third week is needed
to keep up with the sun, and it is tacked on to the last month.
"""

from datetime import date, timedelta
from typing import NamedTuple

WEEKS_IN_MONTH = (4, 4, 5) * 4
ONE_WEEK = timedelta(weeks=1)


class RetailDate(NamedTuple):
    year: int
    month: int  # 1 = the month that opens the retail year
    week: int  # 1-based within the month
    weekday: int  # 1 = Sunday


def year_start(year: int) -> date:
    """First day of the retail year, which may fall in late January.

    >>> year_start(2020)
    datetime.date(2020, 2, 2)
    >>> year_start(2022)
    datetime.date(2022, 1, 30)
    """
    pivot = date(year, 2, 1)
    since_sunday = pivot.isoweekday() % 7
    if since_sunday <= 3:
        return pivot - timedelta(days=since_sunday)
    return pivot + timedelta(days=7 - since_sunday)


def weeks_in_year(year: int) -> int:
    """52 or 53.

    >>> [y for y in range(2010, 2030) if weeks_in_year(y) == 53]
    [2012, 2017, 2023, 2028]
    """
    return (year_start(year + 1) - year_start(year)) // ONE_WEEK


def to_retail(day: date) -> RetailDate:
    year = day.year
    if day < year_start(year):
        year -= 1
    offset = (day - year_start(year)).days
    week, weekday = divmod(offset, 7)
    for month, length in enumerate(WEEKS_IN_MONTH, start=1):
        if week < length:
            return RetailDate(year, month, week + 1, weekday + 1)
        week -= length
    # Only the leap week is left: it becomes week six of month twelve.
    return RetailDate(year, 12, WEEKS_IN_MONTH[-1] + week + 1, weekday + 1)


def from_retail(rd: RetailDate) -> date:
    """Inverse of to_retail; raises ValueError for a week that is not there."""
    weeks = sum(WEEKS_IN_MONTH[: rd.month - 1]) + rd.week - 1
    day = year_start(rd.year) + weeks * ONE_WEEK + timedelta(days=rd.weekday - 1)
    if to_retail(day) != rd:
        raise ValueError(f"no such retail date: {tuple(rd)}")
    return day


def same_day_last_year(day: date) -> date:
    """The comparison day buyers ask for: 52 weeks back, whatever the year."""
    return day - 52 * ONE_WEEK
