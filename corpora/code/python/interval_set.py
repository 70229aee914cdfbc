"""A set of integers stored as disjoint half-open ranges.

Useful when the members come in long runs: page numbers, allocated ids,
byte ranges already downloaded.  Two parallel sorted lists hold the starts
and the ends, so membership is one bisection and no objects are allocated
per range.
"""

from bisect import bisect_left, bisect_right


class IntervalSet:
    __slots__ = ("_starts", "_ends")

    def __init__(self, ranges=()):
        self._starts = []
        self._ends = []
        for lo, hi in ranges:
            self.add(lo, hi)

    def add(self, lo, hi):
        """Insert [lo, hi), swallowing every range it touches."""
        if lo >= hi:
            return
        # Ranges i..j-1 overlap or abut the new one.  Abutting counts, which
        # is why the two bisections lean in opposite directions.
        i = bisect_left(self._ends, lo)
        j = bisect_right(self._starts, hi)
        if i < j:
            lo = min(lo, self._starts[i])
            hi = max(hi, self._ends[j - 1])
        self._starts[i:j] = [lo]
        self._ends[i:j] = [hi]

    def discard(self, lo, hi):
        """Remove [lo, hi); a range that straddles an edge is trimmed."""
        if lo >= hi:
            return
        i = bisect_right(self._ends, lo)
        j = bisect_left(self._starts, hi)
        if i >= j:
            return
        first, last = self._starts[i], self._ends[j - 1]
        new_starts, new_ends = [], []
        if first < lo:
            new_starts.append(first)
            new_ends.append(lo)
        if last > hi:
            new_starts.append(hi)
            new_ends.append(last)
        self._starts[i:j] = new_starts
        self._ends[i:j] = new_ends

    def gaps(self, lo, hi):
        """Yield the parts of [lo, hi) that are not in the set."""
        cursor = lo
        for start, end in self:
            if end <= cursor:
                continue
            if start >= hi:
                break
            if start > cursor:
                yield cursor, start
            cursor = end
        if cursor < hi:
            yield cursor, hi

    def __contains__(self, value):
        i = bisect_right(self._starts, value) - 1
        return i >= 0 and value < self._ends[i]

    def __iter__(self):
        return zip(self._starts, self._ends)

    def __len__(self):
        return sum(end - start for start, end in self)

    def __repr__(self):
        body = ", ".join(f"{a}..{b}" for a, b in self)
        return f"<IntervalSet {body or 'empty'}>"
