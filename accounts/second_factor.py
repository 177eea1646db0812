"""The second step of logging in: who needs it, how it is set up, which code lets in, and how it is taken away."""

import hashlib
import secrets
import time

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, User
from django.db import transaction
from django.utils import timezone

from accounts.models import RecoveryCode, SecondFactor
from accounts.totp import matching_step, new_secret

ADMINISTRATOR = "Administrator"  # in TWO_FACTOR_ROLES: whoever may do everything, without being in a group
RECOVERY_CODES = 10


def is_set_up(user: AbstractBaseUser) -> bool:
    return SecondFactor.objects.filter(user_id=user.pk, confirmed_at__isnull=False).exists()


def is_asked_of(user: User) -> bool:
    """Whether the house wants a second step from somebody in this person's roles."""
    roles = settings.TWO_FACTOR_ROLES
    return (user.is_superuser and ADMINISTRATOR in roles) or user.groups.filter(name__in=roles).exists()


def begin(user: User) -> SecondFactor:
    """The secret to show; the same one until a code of it was typed in."""
    factor, _ = SecondFactor.objects.get_or_create(user=user, defaults={"secret": new_secret()})
    return factor


def confirm(user: User, code: str) -> list[str]:
    """Set it up with the app's first code; the recovery codes, which are shown only now. None of them: a wrong code."""
    factor = begin(user)
    if factor.confirmed_at or not _take(factor, code):
        return []
    with transaction.atomic():
        SecondFactor.objects.filter(pk=factor.pk).update(confirmed_at=timezone.now())
        codes = [f"{secrets.token_hex(4)}-{secrets.token_hex(4)}" for _ in range(RECOVERY_CODES)]
        RecoveryCode.objects.filter(user=user).delete()
        RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest(code)) for code in codes)
    return codes


def lets_in(user: User, code: str) -> bool:
    """Whether this is the app's code of now, or a recovery code; either is good once."""
    factor = SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).first()
    typed = code.strip().replace(" ", "")
    if factor and typed.isascii() and typed.isdigit():
        return _take(factor, typed)
    unused = RecoveryCode.objects.filter(user=user, digest=_digest(typed.lower()), used_at__isnull=True)
    return unused.update(used_at=timezone.now()) == 1


def remove(user: User) -> bool:
    """Log in without it from now on; whether there was one."""
    RecoveryCode.objects.filter(user=user).delete()
    return SecondFactor.objects.filter(user=user).delete()[0] > 0


def codes_left(user: User) -> int:
    return RecoveryCode.objects.filter(user=user, used_at__isnull=True).count()


def _take(factor: SecondFactor, code: str) -> bool:
    """Use the code up; the condition in the update decides between two who type it at once."""
    step = matching_step(factor.secret, code.strip().replace(" ", ""), time.time(), after=factor.last_step)
    if step is None:
        return False
    return SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step).update(last_step=step) == 1


def _digest(code: str) -> str:
    """64 random bits can't be guessed from their hash: no slow one is needed."""
    return hashlib.sha256(code.encode()).hexdigest()
