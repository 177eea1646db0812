"""Which head serves, and how one takes over from another."""

import numpy as np
import pytest

from search.head import HeadError, LearnedHead, WhiteningHead
from search.heads import serving as heads
from search.models import Feature, Standing, TrainedHead
from search.rebuild import rebuild_due
from tests.search.learned import learned_head
from tests.search.shelf import shelve_indexed

pytestmark = pytest.mark.django_db
TOY = "toy-mean-colour"


def kept(seed: int) -> TrainedHead:
    """A trained head in the database, not yet promoted."""
    return heads.keep(learned_head(seed), TrainedHead(encoder=TOY))


def serving() -> str:
    head = heads.serving_head(TOY)
    return head.name if head else ""


def test_without_a_promoted_head_a_build_is_whitened() -> None:
    kept(1)
    shelve_indexed("red", "green", "blue")

    assert heads.serving_head(TOY) is None
    assert isinstance(heads.head_to_build(TOY, 1 << 40), WhiteningHead)


def test_the_promoted_head_is_what_the_next_build_is_made_with() -> None:
    row = kept(1)

    heads.promote(row.name)

    head = heads.head_to_build(TOY, 1 << 40)
    assert isinstance(head, LearnedHead)
    assert head.name == row.name
    assert np.array_equal(head.axes, learned_head(1).axes)


def test_each_network_has_a_head_of_its_own() -> None:
    heads.promote(kept(1).name)

    assert heads.serving_head("another network") is None


def test_rollback_brings_back_the_head_before_and_then_whitening() -> None:
    first, second = kept(1), kept(2)
    heads.promote(first.name)
    heads.promote(second.name)

    assert heads.rollback(TOY) == first.name
    assert serving() == first.name
    assert heads.rollback(TOY) == ""
    assert serving() == ""
    with pytest.raises(HeadError, match="nothing to go back from"):
        heads.rollback(TOY)


def test_a_head_that_was_rolled_back_is_not_gone_back_to() -> None:
    good, bad, better = kept(1), kept(2), kept(3)
    heads.promote(good.name)
    heads.promote(bad.name)
    heads.rollback(TOY)
    heads.promote(better.name)

    assert heads.rollback(TOY) == good.name


def test_a_build_that_is_gone_back_to_takes_its_head_along() -> None:
    first, second = kept(1), kept(2)
    heads.promote(first.name)
    heads.promote(second.name)

    heads.follow_build(TOY, first.name)
    assert serving() == first.name
    heads.follow_build(TOY, "whitened16-01234567")
    assert serving() == ""


def test_bytes_of_another_head_are_refused() -> None:
    row = kept(1)
    heads.promote(row.name)
    TrainedHead.objects.filter(pk=row.pk).update(content=learned_head(2).as_file())

    with pytest.raises(HeadError, match=f"kept as {row.name} are those of"):
        heads.serving_head(TOY)


def test_damaged_bytes_are_refused_and_never_promoted() -> None:
    row = kept(1)
    content = bytearray(row.content)
    content[100] ^= 0x55
    TrainedHead.objects.filter(pk=row.pk).update(content=bytes(content))

    with pytest.raises(HeadError, match="checksum is wrong"):
        heads.promote(row.name)
    assert TrainedHead.objects.get(pk=row.pk).standing == Standing.CANDIDATE


def test_a_promotion_and_its_rollback_each_make_a_rebuild_due() -> None:
    shelve_indexed("red", "green", "blue")
    assert rebuild_due() == ""

    row = kept(1)
    heads.promote(row.name)

    assert heads.rebuild_reason(TOY, "whitened16-01234567") == f"The head {row.name} was promoted."
    heads.rollback(TOY)
    assert heads.rebuild_reason(TOY, row.name) == f"The head {row.name} was taken out of service."
    assert heads.rebuild_reason(TOY, "whitened16-01234567") == ""
    assert Feature.objects.count() == 3
