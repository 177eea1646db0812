"""What people type to come in."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.http import HttpRequest

from accounts import second_factor, throttle
from catalog.visitors import client_address


def too_many(refusal: throttle.TooManyAttempts) -> forms.ValidationError:
    minutes = f"{refusal.minutes} minute{'' if refusal.minutes == 1 else 's'}"
    return forms.ValidationError(f"That was tried too often. Please wait {minutes}.", code="wait")


class LoginForm(AuthenticationForm):
    """Name and password; after too many failures neither is looked at."""

    error_messages = {
        "invalid_login": "This user name and this password don't go together.",
        "inactive": "This user name and this password don't go together.",
    }

    def clean(self) -> dict[str, Any]:
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if not (name and password):
            return self.cleaned_data
        assert self.request is not None
        address = client_address(self.request)
        try:
            throttle.attempt(name, address)
        except throttle.TooManyAttempts as refusal:
            raise too_many(refusal) from None
        cleaned = super().clean()
        throttle.succeeded(name, address)
        return cleaned


class CodeForm(forms.Form):
    """A code of the app, or a recovery code."""

    code = forms.CharField(max_length=20, error_messages={"required": "Type the code."})

    def __init__(self, *args: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.user = request, user

    def clean_code(self) -> str:
        name, address = f"second step of {self.user.pk}", client_address(self.request)
        try:
            throttle.attempt(name, address)
        except throttle.TooManyAttempts as refusal:
            raise too_many(refusal) from None
        code: str = self.cleaned_data["code"]
        if not self.is_right(code):
            raise forms.ValidationError(
                "This code is wrong, or was used already. The app shows another one every 30 seconds.", code="wrong"
            )
        throttle.succeeded(name, address)
        return code

    def is_right(self, code: str) -> bool:
        return second_factor.lets_in(self.user, code)


class FirstCodeForm(CodeForm):
    """The app's first code, which shows that it has the secret."""

    recovery_codes: list[str]

    def is_right(self, code: str) -> bool:
        self.recovery_codes = second_factor.confirm(self.user, code)
        return bool(self.recovery_codes)
