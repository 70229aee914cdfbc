"""Read a tiny plain-text ledger.

An entry starts with a date in column one and is followed by indented
postings.  At most one posting per entry may leave its amount out; it then
absorbs whatever is needed to bring the entry to zero.

    2021-03-04 corner bakery
        expenses:food      4.20
        assets:cash
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Iterable, Iterator


class LedgerError(ValueError):
    def __init__(self, lineno: int, message: str) -> None:
        super().__init__(f"line {lineno}: {message}")
        self.lineno = lineno


@dataclass
class Entry:
    day: dt.date
    payee: str
    lineno: int
    postings: list[tuple[str, Decimal | None]] = field(default_factory=list)

    def settle(self) -> None:
        """Fill in the blank amount, or complain if the entry is lopsided."""
        blanks = [i for i, (_, amt) in enumerate(self.postings) if amt is None]
        total = sum((amt for _, amt in self.postings if amt is not None), Decimal(0))
        if len(blanks) > 1:
            raise LedgerError(self.lineno, "more than one posting without an amount")
        if blanks:
            account, _ = self.postings[blanks[0]]
            self.postings[blanks[0]] = (account, -total)
        elif total:
            raise LedgerError(self.lineno, f"entry is off by {total}")


def read_entries(lines: Iterable[str]) -> Iterator[Entry]:
    current: Entry | None = None
    for lineno, raw in enumerate(lines, start=1):
        text = raw.split(";", 1)[0].rstrip()
        if not text:
            continue
        if text[0].isspace():
            if current is None:
                raise LedgerError(lineno, "posting before any entry")
            current.postings.append(_posting(lineno, text))
            continue
        if current is not None:
            current.settle()
            yield current
        stamp, _, payee = text.partition(" ")
        try:
            current = Entry(dt.date.fromisoformat(stamp), payee.strip(), lineno)
        except ValueError:
            raise LedgerError(lineno, f"bad date {stamp!r}") from None
    if current is not None:
        current.settle()
        yield current


def _posting(lineno: int, text: str) -> tuple[str, Decimal | None]:
    account, *rest = text.split()
    if not rest:
        return account, None
    try:
        return account, Decimal(rest[0])
    except InvalidOperation:
        raise LedgerError(lineno, f"bad amount {rest[0]!r}") from None
