"""Unit prices for shelf labels, with the checks kept alongside.

Run the module directly to exercise it; import it for `unit_price`.
"""

import re
import unittest
from fractions import Fraction

# Everything is reduced to one of three base units before dividing.
_FACTORS = {
    "g": ("kg", Fraction(1, 1000)),
    "kg": ("kg", Fraction(1)),
    "ml": ("l", Fraction(1, 1000)),
    "cl": ("l", Fraction(1, 100)),
    "l": ("l", Fraction(1)),
    "pc": ("pc", Fraction(1)),
}
_PACK = re.compile(
    r"(?:(?P<count>\d+)\s*x\s*)?(?P<size>\d+(?:\.\d+)?)\s*(?P<unit>[a-z]+)", re.I
)


def unit_price(cents, pack):
    """Return (cents per base unit, base unit) for a label such as "6 x 33 cl"."""
    match = _PACK.fullmatch(pack.strip())
    if match is None:
        raise ValueError(f"cannot read pack size: {pack!r}")
    try:
        base, factor = _FACTORS[match["unit"].lower()]
    except KeyError:
        raise ValueError(f"unknown unit in {pack!r}") from None
    amount = int(match["count"] or 1) * Fraction(match["size"]) * factor
    if amount == 0:
        raise ValueError("an empty pack has no unit price")
    # Half a cent rounds up, as the trading rules want; round() would not.
    return int(cents / amount + Fraction(1, 2)), base


class UnitPriceTest(unittest.TestCase):
    def test_single_packs(self):
        for cents, pack, expected in [
            (150, "500 g", (300, "kg")),
            (99, "1.5 l", (66, "l")),
            (240, "12pc", (20, "pc")),
        ]:
            with self.subTest(pack=pack):
                self.assertEqual(unit_price(cents, pack), expected)

    def test_multipack_counts_every_item(self):
        self.assertEqual(unit_price(396, "6 x 33 cl"), (200, "l"))

    def test_half_cent_goes_up(self):
        self.assertEqual(unit_price(5, "2 kg"), (3, "kg"))

    def test_case_and_padding_do_not_matter(self):
        self.assertEqual(unit_price(80, "  250 ML "), unit_price(80, "250ml"))

    def test_nonsense_is_refused(self):
        for pack in ["", "kg", "3 x", "2 furlongs", "0 g", "1,5 l"]:
            with self.subTest(pack=pack), self.assertRaises(ValueError):
                unit_price(100, pack)


if __name__ == "__main__":
    unittest.main()
