"""Answers that were found before, found at once: as long as build and catalogue stay as they are.

Nothing that people see is kept, only ids and likenesses: titles, prices and photos come fresh from the database for
each page. A question is known by its content: the projected vectors, the filters, how many are wanted, the cut-off,
and the view that answers; a build, a new photo or another head makes a new view. What else an answer depends on is
the catalogue, and `catalogue_state` tells of any change to it, in whatever process. So nothing has to be thrown away
in time: what is no longer true is not asked for again, and makes room when room is needed.
"""

import hashlib

from search import narrowing
from search.index.base import Vectors
from search.memory import Memory
from search.narrowing import Allowed
from search.nearest import Candidate, nearest_items
from search.view import View

_ROOM = 8 << 20  # about 1,500 answers of 24 items
_CANDIDATE_BYTES, _QUESTION_BYTES = 200, 1_000

answers: Memory[tuple[Candidate, ...]] = Memory(_ROOM)


def found_before(view: View, queries: Vectors, allowed: Allowed, k: int, cutoff: float) -> tuple[Candidate, ...]:
    """As `nearest_items`; without a search where this view has answered the same in this state of the catalogue."""
    if allowed.state is None:
        return tuple(nearest_items(view, queries, allowed, k, cutoff))
    question = (view.serial, hashlib.sha256(queries.tobytes()).digest(), allowed, k, cutoff)
    found = answers.get(question)
    if found is None:
        found = tuple(nearest_items(view, queries, allowed, k, cutoff))
        answers.put(question, found, _QUESTION_BYTES + _CANDIDATE_BYTES * len(found))
    return found


def forget() -> None:
    """Begin with nothing, as after a restart."""
    answers.clear()
    narrowing.sets.clear()
