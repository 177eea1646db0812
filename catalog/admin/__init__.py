"""The admin's pages of the catalogue."""

from catalog.admin import imports, items, photos, sales

__all__ = ["imports", "items", "photos", "sales"]
