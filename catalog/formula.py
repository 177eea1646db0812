"""Cells that a spreadsheet would take for formulas, written and read so that they stay text.

A title "=HYPERLINK(…)" would run in the spreadsheet of whoever opens the exported file; an apostrophe prevents it, and
the import takes it away again.
"""

import re

_DANGEROUS = re.compile(r"'*[=+\-@\t\r]")
_DISARMED = re.compile(r"'+[=+\-@\t\r]")


def disarm(text: str) -> str:
    """The text as it may stand in a CSV cell."""
    return f"'{text}" if _DANGEROUS.match(text) else text


def rearm(cell: str) -> str:
    """The text that `disarm` made this cell of; any other cell as it is."""
    return cell[1:] if _DISARMED.match(cell) else cell
