"""The admin's pages of the catalogue."""

from catalog.admin import imports, items, money, photos, sales

__all__ = ["imports", "items", "money", "photos", "sales"]
