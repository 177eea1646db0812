"""Accounts and roles in the admin: for superusers alone, so that nobody can give away more than they have."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest

from accounts import second_factor
from accounts.models import SecondFactor
from accounts.sessions import end_sessions
from catalog import audit

admin.site.unregister([User, Group])


class ForSuperusers:
    """A right that was given by mistake opens nothing here: "change user" would be the right to every other one."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    has_change_permission = has_delete_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_module_permission(request)


@admin.register(Group)
class RoleAdmin(ForSuperusers, GroupAdmin):
    pass


@admin.register(User)
class PersonAdmin(ForSuperusers, UserAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    list_display = ["username", "full_name", "email", "is_staff", "is_active", "second_step", "last_login"]
    actions = ["sign_out", "take_away_second_step"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        confirmed = SecondFactor.objects.filter(user=OuterRef("pk"), confirmed_at__isnull=False)
        people: QuerySet[User] = super().get_queryset(request)
        return people.annotate(has_second_step=Exists(confirmed))

    @admin.display(description="name", ordering="last_name")
    def full_name(self, user: User) -> str:
        return user.get_full_name()

    @admin.display(description="second step", boolean=True, ordering="has_second_step")
    def second_step(self, user: User) -> bool:
        return bool(user.has_second_step)  # type: ignore[attr-defined]  # annotated

    @admin.action(description="Sign out everywhere")
    def sign_out(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in users:
            audit.record("sign out", thing=user, after={"sessions": end_sessions(user)})
        self.message_user(request, "They are signed out everywhere.", messages.SUCCESS)

    @admin.action(description="Take away the second step (for a lost phone)")
    def take_away_second_step(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in users:
            if second_factor.remove(user):
                end_sessions(user)
                audit.record("second step", thing=user, after={"taken away": True})
        self.message_user(request, "They log in with their password alone.", messages.SUCCESS)
