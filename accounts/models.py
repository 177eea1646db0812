"""Sessions that know whose they are, failed logins, and the second step of logging in."""

from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class SessionStore(DatabaseSessions):
    """Sessions in the database, found by their account."""

    @classmethod
    def get_model_class(cls) -> "type[Session]":
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> "Session":
        session = super().create_model_instance(data)
        assert isinstance(session, Session)
        session.account_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        return session


class Session(AbstractBaseSession):
    account_id = models.BigIntegerField(null=True, db_index=True)

    @classmethod
    def get_session_store_class(cls) -> type[SessionStore]:
        return SessionStore


class LoginTally(models.Model):
    """When logins failed lately, for one account from one network, or for one network; both only as a keyed hash."""

    key = models.CharField(max_length=64, unique=True)
    failures = models.JSONField(default=list, help_text="Seconds since 1970, oldest first.")
    locks = models.JSONField(default=list, help_text="When it was locked in the last day.")
    locked_until = models.FloatField(default=0, help_text="Seconds since 1970.")
    last_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{len(self.failures)} failures up to {self.last_at:%H:%M:%S}"


class SecondFactor(models.Model):
    """The secret that a person's authenticator app shares with us (RFC 6238)."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="second_factor")
    secret = models.CharField(max_length=64, help_text="Base32.")
    confirmed_at = models.DateTimeField(null=True, help_text="Empty: shown, but no code of it has been typed in yet.")
    last_step = models.BigIntegerField(default=0, help_text="Of the last code that was taken: none is taken twice.")

    def __str__(self) -> str:
        return f"Second step of {self.user}"


class RecoveryCode(models.Model):
    """Lets a person in once when the phone is lost; only its hash is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once")]

    def __str__(self) -> str:
        return f"Recovery code of {self.user}"
