"""The admin's pages of the catalogue."""

from django.contrib import admin

from catalog.admin import audit, imports, items, money, photos, sales

admin.site.enable_nav_sidebar = False  # its room belongs to the list: status and price stood outside of the window

__all__ = ["audit", "imports", "items", "money", "photos", "sales"]
