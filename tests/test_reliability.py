"""Each test that docs/reliability.md names is there: a row whose test has gone would promise what nobody looks at."""

import re
from collections.abc import Iterator

import pytest

from tests.test_settings import ROOT

TEXT = (ROOT / "docs" / "reliability.md").read_text()


def named(heading: str, column: int, folder: str) -> Iterator[tuple[str, str]]:
    """Of each row under the heading: a file of tests, and a part of a test's name in it ("" for the file alone)."""
    section = TEXT.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.split("|") for line in section.splitlines() if line.startswith("| ") and "---" not in line][1:]
    for row in rows:
        cell, place, file = re.sub(r"`[^`]*`", "", row[column]), folder, ""
        for token in re.findall(r";|tests/\w+|test_\w+|[a-z0-9]+(?:_[a-z0-9]+)+", cell):
            if token == ";":
                place = folder
            elif token.startswith("tests/test_"):
                file = f"{token}.py"
                yield file, ""
            elif token.startswith("tests/"):
                place = token
            elif token.startswith("test_"):
                file = f"{place}/{token}.py"
                yield file, ""
            else:
                yield file, token


def all_named() -> list[tuple[str, str]]:
    return [*named("The fault matrix", 3, "tests/faults"), *named("Hostile input", 2, "tests/hostile")]


def test_the_tables_name_many_tests() -> None:
    assert len({file for file, _ in all_named()}) >= 25


@pytest.mark.parametrize("file", sorted({file for file, _ in all_named()}))
def test_every_test_that_the_tables_name_is_there(file: str) -> None:
    source = (ROOT / file).read_text()
    tests = re.findall(r"^def (test_\w+)", source, re.MULTILINE)
    missing = {part for of, part in all_named() if of == file and not any(part in test for test in tests)}
    assert missing == set()
