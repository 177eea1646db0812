"""The admin's pages of the catalogue."""

from catalog.admin import audit, imports, items, money, photos, sales

__all__ = ["audit", "imports", "items", "money", "photos", "sales"]
