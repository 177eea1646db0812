"""Sizes as catalogues write them."""

import pytest

from search.facts import largest_side


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("Dim. - 50,5 x 32,5 cm", 50.5),
        ("H 100.1 cm", 100.1),
        ("Dim. - (maior) 23 cm", 23.0),
        ("Dim. - 54 x 42cm", 54.0),
        ("45 X 32,5 cm", 45.0),
        ("20 in", 50.8),
        ('12" x 9"', 30.48),
        ("Height 1250 mm", 125.0),
        ("1.2 m", 120.0),
        ("24 x 18 inches; 2 m", 200.0),
        ("30 × 40", 40.0),
        ("", None),
        ("two jars of different sizes", None),
        ("99999999999 cm", None),
    ],
)
def test_the_largest_side_is_read_in_centimetres(text: str, size: float | None) -> None:
    assert largest_side(text) == (size if size is None else pytest.approx(size))
