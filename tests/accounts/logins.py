"""What the tests of logging in share."""

import re
import time
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from accounts import second_factor, totp
from accounts.models import SecondFactor

PASSWORD = "correct horse battery"


def log_in(client: Client, name: str, password: str = PASSWORD, *, address: str = "203.0.113.7", **extra: Any) -> Any:
    return client.post("/login/", {"username": name, "password": password, **extra}, REMOTE_ADDR=address)


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def code_now(user: User, *, steps_on: int = 0) -> str:
    factor = SecondFactor.objects.get(user=user)
    return totp.code_at(factor.secret, int(time.time()) // totp.STEP + steps_on)


def with_second_step(user: User) -> list[str]:
    """Set it up; the recovery codes. The app's next code is one that wasn't used for it."""
    second_factor.begin(user)
    return second_factor.confirm(user, code_now(user, steps_on=-1))


def codes_on(page: Any) -> list[str]:
    return re.findall(r"<code>([0-9a-f]{8}-[0-9a-f]{8})</code>", page.content.decode())
