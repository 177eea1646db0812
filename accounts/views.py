"""Logging in, in one step or two, and what people can see to about their own account."""

import time
from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login as log_in
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import second_factor, totp
from accounts.forms import CodeForm, FirstCodeForm, LoginForm
from accounts.models import Session
from accounts.sessions import end_sessions
from catalog import audit

HALF_IN = "half_in"  # in the session: who gave the right password, and has yet to give the code
HALF_IN_SECONDS = 300


class Login(LoginView):
    """Name and password; whoever has a second step goes on to it without being logged in yet."""

    template_name = "login.html"
    form_class = LoginForm
    redirect_authenticated_user = True
    extra_context = {"site_name": settings.SITE_NAME}  # the view would give the host's name

    def form_valid(self, form: Any) -> HttpResponse:
        user = form.get_user()
        if not second_factor.is_set_up(user):
            return super().form_valid(form)
        self.request.session.cycle_key()
        self.request.session[HALF_IN] = {
            "user": user.pk,
            "backend": user.backend,
            "password": user.get_session_auth_hash(),
            "at": time.time(),
            "next": self.get_success_url(),
        }
        return redirect("login-code")


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def login_code(request: HttpRequest) -> HttpResponse:
    """The second step; without a right password just before, back to the first."""
    half = request.session.get(HALF_IN, {})
    user = User.objects.filter(pk=half.get("user"), is_active=True).first()
    is_fresh = 0 <= time.time() - half.get("at", 0) < HALF_IN_SECONDS
    if not user or not is_fresh or half["password"] != user.get_session_auth_hash():
        request.session.pop(HALF_IN, None)
        return redirect("login")
    form = CodeForm(request.POST or None, request=request, user=user)
    if request.method == "POST" and form.is_valid():
        del request.session[HALF_IN]
        log_in(request, user, backend=half["backend"])
        return redirect(half["next"])
    if request.method == "POST":
        audit.record("login failed", actor=user, label="wrong code")
    return render(request, "accounts/code.html", {"form": form})


@never_cache
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """What there is to one's own account."""
    user = person(request)
    context = {
        "has_second_step": second_factor.is_set_up(user),
        "is_asked_for": second_factor.is_asked_of(user),
        "codes_left": second_factor.codes_left(user),
        "elsewhere": Session.objects.filter(account_id=user.pk)
        .exclude(session_key=request.session.session_key)
        .count(),
        "roles": [group.name for group in user.groups.order_by("name")] or ["none"],
    }
    return render(request, "accounts/account.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def set_up_second_step(request: HttpRequest) -> HttpResponse:
    """Show the secret as a QR code; the app's first code sets it up, and leads to the recovery codes."""
    user = person(request)
    if second_factor.is_set_up(user):
        return redirect("account")
    secret = second_factor.begin(user).secret
    form = FirstCodeForm(request.POST or None, request=request, user=user)
    if request.method == "POST" and form.is_valid():
        end_sessions(user, but=request.session.session_key)
        audit.record("second step", label="set up")
        return render(request, "accounts/recovery_codes.html", {"codes": form.recovery_codes})
    address = totp.address_of(secret, user.get_username(), settings.SITE_NAME)
    # Drawn by segno from our own text: a path, and nothing that anybody typed.
    drawing = mark_safe(segno.make(address, error="m").svg_inline(omitsize=True, light="white"))  # noqa: S308
    spelled = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    context = {"form": form, "drawing": drawing, "secret": spelled, "is_asked_for": second_factor.is_asked_of(user)}
    return render(request, "accounts/second_step.html", context)


@require_POST
def remove_second_step(request: HttpRequest) -> HttpResponse:
    """Needs a code, so that a session left open is not enough."""
    user = person(request)
    if second_factor.is_asked_of(user):
        raise PermissionDenied
    form = CodeForm(request.POST, request=request, user=user)
    if form.is_valid():
        second_factor.remove(user)
        audit.record("second step", label="removed")
        messages.success(request, "You log in with your password alone from now on.")
    else:
        messages.error(request, " ".join(map(str, form.errors["code"])))
    return redirect("account")


@require_POST
def sign_out_elsewhere(request: HttpRequest) -> HttpResponse:
    ended = end_sessions(person(request), but=request.session.session_key)
    audit.record("sign out", label="everywhere else", after={"sessions": ended})
    messages.success(request, "You are signed out everywhere else.")
    return redirect("account")


def person(request: HttpRequest) -> User:
    """Who asks. The middleware has let nobody in who is not logged in."""
    assert isinstance(request.user, User)
    return request.user
