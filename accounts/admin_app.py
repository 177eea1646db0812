"""Django's admin, with our site in place of its own."""

from django.contrib.admin.apps import AdminConfig


class HouseAdminConfig(AdminConfig):
    default_site = "accounts.site.HouseSite"
