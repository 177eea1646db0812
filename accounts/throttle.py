"""How often a login may fail: counted in the database, alike for names that exist and names that don't.

Five failures within 15 minutes, for one name from one network, close that way for 15 minutes; the second time in a day
for 30, then for an hour, at most for four. Twenty failures within an hour close a network until the first is an hour
old. What is tried meanwhile isn't looked at and isn't counted: nobody can keep somebody else out for good.
"""

from datetime import timedelta
from math import ceil

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import LoginTally
from catalog.visitors import network

FAILURES, WINDOW = 5, 15 * 60
PER_NETWORK, HOUR = 20, 3600
LONGEST, DAY = 4 * 3600, 24 * 3600
CLOCK_SKEW = 5  # seconds by which another process may be ahead of us


class TooManyAttempts(Exception):
    """This way in is closed for now, whatever the password."""

    def __init__(self, seconds: float) -> None:
        self.seconds = max(1, ceil(seconds))
        super().__init__(f"wait {self.seconds} s")

    @property
    def minutes(self) -> int:
        return ceil(self.seconds / 60)


def attempt(name: str, address: str) -> None:
    """Count a try as a failure before the password is looked at, so that many at once are counted too.

    Raises TooManyAttempts, and counts nothing.
    """
    now = timezone.now().timestamp()
    with transaction.atomic():
        place = _tally(_place(address))
        place.failures = _within(HOUR, place.failures, now)
        if len(place.failures) >= PER_NETWORK:
            raise TooManyAttempts(place.failures[-PER_NETWORK] + HOUR - now)
        account = _tally(_account(name, address))
        if now < account.locked_until <= now + LONGEST + CLOCK_SKEW:  # a clock that was set back locks nobody out
            raise TooManyAttempts(account.locked_until - now)
        place.failures.append(now)
        account.failures = [*_within(WINDOW, account.failures, now), now]
        if len(account.failures) >= FAILURES:
            account.locks = [*_within(DAY, account.locks, now), now]
            account.locked_until = now + min(WINDOW * 2 ** (len(account.locks) - 1), LONGEST)
            account.failures = []
        place.save()
        account.save()


def succeeded(name: str, address: str) -> None:
    """The try that was counted last was none of the failures, and those before it are forgiven."""
    with transaction.atomic():
        place = _tally(_place(address))
        place.failures = place.failures[:-1]
        place.save()
        LoginTally.objects.filter(key=_account(name, address)).delete()


def forget_attempts() -> int:
    """Delete what no rule looks back to any more; how many rows."""
    gone, _ = LoginTally.objects.filter(last_at__lt=timezone.now() - timedelta(seconds=DAY)).delete()
    return gone


def _within(seconds: float, moments: list[float], now: float) -> list[float]:
    """A moment in the future is left by a clock that was set back: it must not lock anybody out."""
    return [then for then in moments if -CLOCK_SKEW <= now - then < seconds]


def _tally(key: str) -> LoginTally:
    """The row, locked until the transaction ends."""
    tally, _ = LoginTally.objects.select_for_update().get_or_create(key=key, defaults={"last_at": timezone.now()})
    tally.last_at = timezone.now()
    return tally


def _place(address: str) -> str:
    return salted_hmac("accounts.throttle.place", network(address), algorithm="sha256").hexdigest()


def _account(name: str, address: str) -> str:
    who = f"{name.casefold()} {network(address)}"
    return salted_hmac("accounts.throttle.account", who, algorithm="sha256").hexdigest()
