"""What accounts leave in the log, and which sessions end with what is changed."""

from typing import Any

from django.contrib.auth.models import Group, User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_save, pre_save
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.sessions import begin, end_sessions
from catalog import audit

POWERS = ["username", "is_staff", "is_superuser", "is_active"]
WATCHED = {*POWERS, "password"}


@receiver(user_logged_in)
def logged_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    begin(request)
    audit.record("login", actor=user)


@receiver(user_logged_out)
def logged_out(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user:
        audit.record("logout", actor=user)


@receiver(user_login_failed)
def login_failed(credentials: dict[str, Any], **kwargs: Any) -> None:
    """A name that nobody has isn't kept: it may be a password, typed into the wrong field."""
    user = User.objects.filter(username=credentials.get("username")).first()
    audit.record("login failed", actor=user, label="" if user else "no such account")


@receiver(pre_save, sender=User)
def remember(instance: User, raw: bool, update_fields: Any = None, **kwargs: Any) -> None:
    """How the account is before it is saved; not asked for where only the time of the last login is noted."""
    is_watched = instance.pk and not raw and (update_fields is None or WATCHED & set(update_fields))
    was = User.objects.filter(pk=instance.pk).values(*WATCHED).first() if is_watched else None
    instance.__dict__["_was"] = was


@receiver(post_save, sender=User)
def account_changed(instance: User, created: bool, raw: bool, **kwargs: Any) -> None:
    was = instance.__dict__.pop("_was", None)
    if created and not raw:
        audit.record("account", thing=instance, after={name: getattr(instance, name) for name in POWERS})
    if was is None:
        return
    changed = [name for name in POWERS if was[name] != getattr(instance, name)]
    if changed:
        before = {name: was[name] for name in changed}
        audit.record("role", thing=instance, before=before, after={name: getattr(instance, name) for name in changed})
    if was["password"] != instance.password:
        audit.record("password", thing=instance)
        end_sessions(instance, but=audit.session_of(instance))
    if was["is_active"] and not instance.is_active:
        end_sessions(instance)


def rights_changed(instance: Model, action: str, reverse: bool, model: type[Model], pk_set: Any, **kwargs: Any) -> None:
    """Groups of a person, rights of a person or a group. What `migrate` gives the roles is no deed of anybody."""
    verb = {"post_add": "added", "post_remove": "removed", "pre_clear": "cleared"}.get(action)
    if verb is None or (isinstance(instance, Group) and not reverse and not audit.is_asked_by_a_person()):
        return
    rows = model._default_manager.filter(pk__in=pk_set) if pk_set is not None else []
    if rows or verb == "cleared":
        audit.record("role", thing=instance, after={verb: sorted(str(row) for row in rows)})


for through in (User.groups.through, User.user_permissions.through, Group.permissions.through):
    m2m_changed.connect(rights_changed, sender=through, dispatch_uid=f"audit {through.__name__}")
