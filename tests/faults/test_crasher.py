"""Uploads, edits and deletions go on while every part of the house is killed or frozen at random: nothing is lost.

After the crasher of a vector database (qdrant): what was confirmed must be there at the end, whatever happened.
"""

import hashlib
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from tests.faults.street import Street
from tests.faults.visitor import Visitor
from tests.photos import photo_file
from tests.services.servers import Server, wait_until

EVERY, CHANCE = 5.0, 0.3  # seconds between two throws of the dice, and how often one of them is a fault
BUILD = 20  # the so-manieth deed makes the first index; later ones come by the timetable
# A part of the house by what its command line says.
PARTS = {"web": "gunicorn", "embedder": "embedder@", "chores": "chores@", "beat": " beat "}


@dataclass
class Kept:
    """What one item must be like at the end: of values that were sent but not confirmed, any may have come."""

    photos: set[str] = field(default_factory=set)  # sha256 of those confirmed
    prices: set[int | None] = field(default_factory=lambda: {None})
    deleted: bool = False
    perhaps_deleted: bool = False


class Staff:
    """Works without a pause that matters, and remembers what the house has confirmed."""

    def __init__(self, street: Street, dice: random.Random, pause: float, place: int) -> None:
        """`place` is 0 for the first of several; each has photos and prices of their own."""
        self.street, self.dice, self.pause, self.place = street, dice, pause, place
        self.items: dict[int, Kept] = {}
        self.done: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self._visitor: Visitor | None = None
        self.deeds = [self.upload, self.upload, self.another, self.price, self.price, self.remove, self.ask]

    def work(self, over: threading.Event) -> None:
        number = first = self.place * 100_000
        while not over.is_set():
            number += 1
            deed = self.build if number - first == BUILD and not first else self.dice.choice(self.deeds)
            try:
                self._visitor = self._visitor or self.street.visitor()
                self.done[deed.__name__] += bool(deed(number))
            except (requests.RequestException, AssertionError) as error:
                self.done["not confirmed"] += 1
                self._note(error)
            over.wait(self.pause)

    def _note(self, error: Exception) -> None:
        if not isinstance(error, requests.HTTPError) or error.response is None:
            return
        self.statuses[error.response.status_code] += 1
        if error.response.status_code == 302:
            self._visitor = None  # logged out; or a page whose item is gone

    @property
    def visitor(self) -> Visitor:
        assert self._visitor
        return self._visitor

    def upload(self, number: int) -> bool:
        content = self._photo(number)
        item = self.visitor.add_item(f"item {number}", content)
        if item is None:
            return False
        self.items[item] = Kept()
        return self._is_added(item, content)

    def another(self, number: int) -> bool:
        if (item := self._one()) is None:
            return False
        content = self._photo(number)
        return self.visitor.add_photo(item, content) and self._is_added(item, content)

    def price(self, number: int) -> bool:
        if (item := self._one()) is None:
            return False
        self.items[item].prices.add(number)  # it may come, even where we are not told so
        if confirmed := self.visitor.set_price(item, number):
            self.items[item].prices = {number}
        return confirmed

    def remove(self, number: int) -> bool:
        if number % 2 or (item := self._one()) is None:
            return False
        self.items[item].perhaps_deleted = True
        self.items[item].deleted = self.visitor.delete(item)
        return self.items[item].deleted

    def ask(self, number: int) -> bool:
        return self.visitor.ask(self._photo(number))

    def build(self, number: int) -> bool:
        return bool(self.street.manage("rebuild_index").stdout)

    def _photo(self, number: int) -> bytes:
        return photo_file(f"hsl({number * 47 % 360}, 60%, 50%)", (160, 120), seed=number).read()

    def _is_added(self, item: int, content: bytes) -> bool:
        """An item may be saved while its photo is refused, and then its page says so."""
        if added := self.visitor.sees(item, "1 photo added."):
            self.items[item].photos.add(hashlib.sha256(content).hexdigest())
        return added

    def _one(self) -> int | None:
        alive = [item for item, kept in self.items.items() if not kept.perhaps_deleted]
        return self.dice.choice(alive) if alive else None

    def complaints(self) -> Iterator[str]:
        """Where the house is not as it has confirmed."""
        rows = dict(self.street.ask("SELECT id, hammer FROM catalog_item"))
        photos: dict[int, set[str]] = {}
        for item, digest in self.street.ask("SELECT item_id, sha256 FROM catalog_photo"):
            photos.setdefault(item, set()).add(digest)
        for item, kept in self.items.items():
            if item not in rows:
                if not kept.perhaps_deleted:
                    yield f"item {item} was confirmed and is gone"
                continue
            if kept.deleted:
                yield f"item {item} was deleted and is back"
            if not kept.photos <= photos.get(item, set()):
                yield f"item {item} has lost a confirmed photo"
            if rows[item] not in kept.prices:
                yield f"item {item} has the price {rows[item]}, not one of {kept.prices}"


class Crasher:
    """Throws the dice every few seconds; a fault is a kill -9, or a freeze for some seconds."""

    def __init__(self, street: Street, dice: random.Random) -> None:
        self.street, self.dice = street, dice
        self.log: list[str] = []

    def run(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() + EVERY < end:
            time.sleep(EVERY)
            if self.dice.random() < CHANCE:
                self.fault()
        if not self.log:  # two minutes in a hundred are quiet
            self.fault()

    def fault(self) -> None:
        part = self.dice.choice([*PARTS, "redis", "postgres"])
        act = self.dice.choice([self._kill, self._freeze])
        server = {"redis": self.street.redis, "postgres": self.street.postgres}.get(part)
        self.log.append(f"{act.__name__[1:]} {part}")
        if server:
            act(lambda number: server.send(number), server)
        elif pids := self.street.processes(PARTS[part]):
            pid = self.dice.choice(pids)
            act(lambda number: self._signal(pid, number), None)

    def _kill(self, send: Callable[[signal.Signals], None], server: Server | None) -> None:
        send(signal.SIGKILL)
        if server:  # the house starts its own processes again; its servers are somebody else's to start
            time.sleep(self.dice.uniform(0.5, 3))
            server.kill()
            _start_again(server)

    def _freeze(self, send: Callable[[signal.Signals], None], server: Server | None) -> None:
        send(signal.SIGSTOP)
        time.sleep(self.dice.uniform(1, 4))
        send(signal.SIGCONT)

    @staticmethod
    def _signal(pid: int, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _start_again(server: Server) -> None:
    """A PostgreSQL whose last child is about to end refuses to start for a moment."""
    for _ in range(20):
        try:
            server.start()
        except AssertionError:
            time.sleep(0.5)
        else:
            return
    server.start()


def crash(folder: Path, seed: int, seconds: float, people: int, pause: float) -> None:
    with Street(folder, REBUILD_AFTER_CHANGES="10") as street:
        staff = [Staff(street, random.Random(seed + 1 + place), pause, place) for place in range(people)]
        crasher, over = Crasher(street, random.Random(seed)), threading.Event()
        threads = [threading.Thread(target=one.work, args=(over,)) for one in staff]
        for thread in threads:
            thread.start()
        try:
            crasher.run(seconds)
            # On a crowded machine people get little done in a minute; then they go on for a while.
            wait_until(lambda: sum(one.done["upload"] for one in staff) > seconds / 30, "uploads are confirmed")
        finally:
            over.set()
            for thread in threads:
                thread.join()
        took = street.settle()
        told = street.fsck()
        done = sum((one.done for one in staff), Counter[str]())
        lost = [sentence for found in told["sentences"].values() for sentence in found]
        lost += [complaint for one in staff for complaint in one.complaints()]
        print(
            f"crasher, seed {seed}: {done.total() - done['not confirmed']} deeds confirmed, "
            f"{done['not confirmed']} not, {len(crasher.log)} faults, {len(lost)} violations, "
            f"settled in {took:.1f} s"
        )
        print(f"{dict(done)}; {crasher.log}; {dict(sum((one.statuses for one in staff), Counter[int]()))}; {told}")
        assert told["clean"], f"seed {seed}: {lost}"
        assert told["looked_at"].get("photo rows", 0) > 0
        assert lost == [], f"seed {seed}"
        wait_until(lambda: all(street.processes(words) for words in PARTS.values()), "every part runs again")


@pytest.mark.slow
@pytest.mark.services
def test_a_minute_of_faults_loses_nothing(tmp_path: Path, seed: int) -> None:
    crash(tmp_path, seed, seconds=60, people=1, pause=1.0)


@pytest.mark.chaos
def test_ten_minutes_of_faults_lose_nothing(tmp_path: Path, seed: int) -> None:
    crash(tmp_path, seed, seconds=600, people=4, pause=0.1)
