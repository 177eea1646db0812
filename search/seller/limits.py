"""How much the public page takes from one visitor and from all: counted in the database, so that processes agree."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from threading import Lock

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from catalog.visitors import network
from search.models import UploadTally

EVERYONE = "everyone"
DAY = 24 * 3600
CLOCK_SKEW = 5  # seconds by which another process may be ahead of us


class TooManyUploads(Exception):
    """This visitor, or all together, must wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"wait {seconds} s")
        self.seconds = seconds


class LimiterDown(Exception):
    """Nobody can be counted, so nobody is let in."""


class NoPlaceFree(Exception):
    """As many uploads as we take at once are being worked on."""


@dataclass(frozen=True, slots=True)
class Rule:
    most: int
    seconds: int


def pseudonym(address: str, day: date) -> str:
    """The name under which a visitor is counted that day: a keyed hash of the address, of the /64 for IPv6."""
    return salted_hmac("search.limits", f"{day.isoformat()} {network(address)}", algorithm="sha256").hexdigest()


def admit(address: str, now: datetime | None = None) -> None:
    """Count one upload, or raise TooManyUploads and count nothing. Raises LimiterDown when it can't be counted."""
    now = now or timezone.now()
    per_visitor = [Rule(settings.SELLER_PER_TEN_MINUTES, 600), Rule(settings.SELLER_PER_DAY, DAY)]
    try:
        with transaction.atomic():
            _count(pseudonym(address, now.date()), per_visitor, now)
            _count(EVERYONE, [Rule(settings.SELLER_PER_MINUTE_GLOBAL, 60)], now)
    except DatabaseError as error:
        raise LimiterDown from error


def forget_visitors(now: datetime | None = None) -> int:
    """Delete what no rule looks back to any more; how many visitors."""
    now = now or timezone.now()
    gone, _ = UploadTally.objects.filter(last_at__lt=now - timedelta(seconds=DAY)).delete()
    return gone


def _count(key: str, rules: Sequence[Rule], now: datetime) -> None:
    """One more upload under this key, if every rule allows. The row stays locked until the transaction ends."""
    tally, _ = UploadTally.objects.select_for_update().get_or_create(key=key, defaults={"last_at": now})
    moment = now.timestamp()
    longest = max(rule.seconds for rule in rules)
    # A moment in the future is left by a clock that was set back: it must not lock anybody out.
    recent = sorted(then for then in tally.uploads if -CLOCK_SKEW <= moment - then < longest)
    for rule in rules:
        within = [then for then in recent if moment - then < rule.seconds]
        if len(within) >= rule.most:
            raise TooManyUploads(max(1, ceil(within[-rule.most] + rule.seconds - moment)))
    tally.uploads = [*recent, moment]
    tally.last_at = now
    tally.save(update_fields=["uploads", "last_at"])


_inside = 0
_door = Lock()


@contextmanager
def a_place() -> Iterator[None]:
    """Work on an upload in one of SELLER_AT_ONCE places of this process, so that staff find threads free.

    Raises NoPlaceFree at once rather than let a queue grow.
    """
    global _inside
    with _door:
        if _inside >= settings.SELLER_AT_ONCE:
            raise NoPlaceFree
        _inside += 1
    try:
        yield
    finally:
        with _door:
            _inside -= 1
