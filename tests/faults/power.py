"""What a disk may hold after a power cut, worked out from what a program asked of it.

After ALICE (Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014), by the weakest promises that POSIX
makes: a file's bytes are sure once it was flushed, a name once its folder was; of what was not, any part may be there.
"""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

Names = dict[str, int]  # of one folder: name → number of the file or folder
ACTS = ("rename", "replace", "link", "unlink", "mkdir", "rmdir")  # each changes one folder, wholly or not at all


@dataclass
class Disk:
    """Files and folders by their numbers (inodes, which a name that is given anew does not change)."""

    files: dict[int, bytes] = field(default_factory=dict)
    folders: dict[int, Names] = field(default_factory=dict)


@dataclass
class Moment:
    """Just after one request: what is seen, what is sure, and what was changed in folders since they were flushed."""

    request: str
    seen: Disk
    sure: Disk
    pending: list[tuple[int, dict[str, int | None]]]  # folder, and its new names; None takes a name away


class Recorder:
    """Watches one folder; what it holds at the beginning is sure."""

    def __init__(self, root: Path) -> None:
        self._root, self._number = root, root.stat().st_ino
        self._seen, self._sure = self._read(), self._read()
        self._pending: list[tuple[int, dict[str, int | None]]] = []
        self.moments: list[Moment] = []
        self._note("the beginning")

    @contextmanager
    def recording(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            for name in (*ACTS, "fsync"):
                patch.setattr(os, name, self._told(name, getattr(os, name)))
            yield
        self.catch_up()

    def _told(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def act(*words: Any, **keywords: Any) -> Any:
            self.catch_up()
            number = os.fstat(words[0]).st_ino if name == "fsync" else 0
            path = Path(os.readlink(f"/proc/self/fd/{words[0]}") if name == "fsync" else str(words[0]))
            done = real(*words, **keywords)
            self._pending += self._look()
            if name == "fsync":
                self._flush(number)
            self._note(f"{name} {path.name}")
            return done

        return act

    def catch_up(self) -> None:
        """Files that were made or written without a request that we know: each new name is a change of its own."""
        for folder, change in self._look():
            self._pending += [(folder, {name: number}) for name, number in change.items()]
        self._note("writes")

    def _look(self) -> list[tuple[int, dict[str, int | None]]]:
        before, self._seen = self._seen, self._read()
        for reused in self._seen.files.keys() - before.files.keys():
            self._sure.files.pop(reused, None)
        return list(_changes(before, self._seen))

    def _flush(self, number: int) -> None:
        if number in self._seen.files:
            self._sure.files[number] = self._seen.files[number]
        elif number in self._seen.folders:
            self._sure.folders[number] = dict(self._seen.folders[number])
            self._pending = [(folder, change) for folder, change in self._pending if folder != number]

    def _note(self, request: str) -> None:
        self.moments.append(Moment(request, deepcopy(self._seen), deepcopy(self._sure), list(self._pending)))

    def _read(self) -> Disk:
        disk = Disk()
        for here, folders, files in os.walk(self._root):
            numbers = {name: os.lstat(os.path.join(here, name)).st_ino for name in (*folders, *files)}
            disk.folders[os.stat(here).st_ino] = numbers
            disk.files |= {numbers[name]: Path(here, name).read_bytes() for name in files}
        return disk

    def after_a_cut(self, moment: Moment, dice: random.Random, where: Path) -> None:
        """Write to `where` one of the states in which the disk may be found."""
        names = deepcopy(moment.sure.folders)
        likely = dice.choice((0.0, 0.5, 1.0))  # nothing that was not flushed is there, or some, or all
        for folder, change in moment.pending:
            if dice.random() < likely:
                held = names.setdefault(folder, {})
                for name, number in change.items():
                    held.pop(name, None) if number is None else held.update({name: number})
        self._lay(self._number, names, moment, dice, where)

    def _lay(self, number: int, names: dict[int, Names], moment: Moment, dice: random.Random, where: Path) -> None:
        where.mkdir()
        for name, held in names.get(number, {}).items():
            if held in moment.seen.folders or held in names:
                self._lay(held, names, moment, dice, where / name)
            else:
                (where / name).write_bytes(_content(held, moment, dice))


def _content(number: int, moment: Moment, dice: random.Random) -> bytes:
    """What was flushed; where the file was written to since, or never flushed, any of what may have become of it."""
    sure = moment.sure.files.get(number, b"")
    seen = moment.seen.files.get(number, sure)
    if sure == seen:
        return sure
    return dice.choice((sure, seen, seen[: dice.randrange(len(seen) + 1)], bytes(len(seen))))


def _changes(before: Disk, after: Disk) -> Iterator[tuple[int, dict[str, int | None]]]:
    for folder, names in after.folders.items():
        old = before.folders.get(folder, {})
        change: dict[str, int | None] = {name: number for name, number in names.items() if old.get(name) != number}
        change |= dict.fromkeys(old.keys() - names.keys())
        if change:
            yield folder, change
