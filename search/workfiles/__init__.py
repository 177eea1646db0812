"""Estimates as they were made: frozen, kept with their photos, shown and handed out."""
