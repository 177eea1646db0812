"""Counting many lots at once gives what counting them one by one gives."""

from decimal import Decimal
from statistics import median

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from catalog.money import LARGEST
from catalog.tallies import UNKNOWN, Lots, Tally, tally

cents = st.one_of(st.integers(1, 500), st.integers(1, int(LARGEST * 100)))
lots = st.lists(st.tuples(st.integers(-1, 3), st.one_of(st.just(UNKNOWN), cents), st.booleans()), max_size=60)


def by_hand(found: list[tuple[int, int, bool]]) -> Tally:
    sold = [Decimal(hammer) / 100 for _, hammer, _ in found if hammer != UNKNOWN]
    known = [Decimal(2 * hammer) / 100 for _, hammer, is_known in found if hammer != UNKNOWN and is_known]
    return Tally(
        offered=len(found),
        sold=len(sold),
        median=Decimal(median(sold)) if sold else None,
        hammer=sum(sold, Decimal(0)),
        with_premium=sum(known, Decimal(0)),
        premium_known=len(known),
    )


@given(lots)
def test_every_group_is_counted_to_the_cent(found: list[tuple[int, int, bool]]) -> None:
    found.sort(key=lambda lot: lot[1])
    hammer = np.array([hammer for _, hammer, _ in found], np.int64)
    known = np.array([is_known for _, _, is_known in found], bool)
    premium = np.where((hammer != UNKNOWN) & known, 2 * hammer, UNKNOWN)
    groups = np.array([group for group, _, _ in found], np.int64)

    counted = tally(Lots(hammer, premium), groups, 4)

    assert counted == [by_hand([lot for lot in found if lot[0] == group]) for group in range(4)]


def test_unsold_is_a_share_of_what_was_offered() -> None:
    (some,) = tally(Lots(np.array([UNKNOWN, UNKNOWN, UNKNOWN, 9900]), np.full(4, UNKNOWN)), np.zeros(4, np.int64), 1)
    (none,) = tally(Lots(np.array([], np.int64), np.array([], np.int64)), np.array([], np.int64), 1)

    assert (some.unsold, some.unsold_share, some.premium_known) == (3, 0.75, 0)
    assert (none.offered, none.unsold_share, none.median) == (0, None, None)
