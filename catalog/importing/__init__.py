"""Files of lots into the catalogue: tables, profiles, photos, and a run that survives being killed."""

from catalog.importing.run import next_pending, run_import, run_pending
from catalog.importing.table import ImportRefused

__all__ = ["ImportRefused", "next_pending", "run_import", "run_pending"]
