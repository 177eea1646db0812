"""What was sold, and what staff lay down and did about it, in the words that auction software uses."""

from catalog.models.audit import AuditEntry
from catalog.models.imports import BadRow, ImportProfile, ImportRun
from catalog.models.items import Category, Item, ItemQuerySet, Photo, PhotoQuerySet, Sale, StaleItem
from catalog.models.money import BidStep, ExchangeRate

__all__ = [
    "AuditEntry",
    "BadRow",
    "BidStep",
    "Category",
    "ExchangeRate",
    "ImportProfile",
    "ImportRun",
    "Item",
    "ItemQuerySet",
    "Photo",
    "PhotoQuerySet",
    "Sale",
    "StaleItem",
]
