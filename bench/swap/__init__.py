"""Swaps under load: builds change three times a second under eight readers."""
