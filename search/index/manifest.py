"""What a build says about itself, and whether its files are what it says."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

from search.index.base import IndexRefused

FILE = "manifest.json"
VECTORS, IDS, ORDER, HEAD = "vectors.f32", "ids.npy", "order.npy", "head.npz"
FORMAT = 1
_CHUNK = 1 << 20


@dataclass(frozen=True)
class FileFacts:
    size: int
    sha256: str


@dataclass(frozen=True)
class Canary:
    """A query whose answer is known: the vector of one of the build's rows, and the photos it must find."""

    row: int
    photo_ids: tuple[int, ...]
    scores: tuple[float, ...]


@dataclass(frozen=True)
class Manifest:
    """Everything that a reader must know before it maps a file. `digest` seals the rest."""

    build_id: str
    encoder: str
    encoder_setting: str
    head: str
    dim: int
    count: int
    max_feature_id: int
    built_at: str
    engine: str
    options: dict[str, int]
    versions: dict[str, str]
    files: dict[str, FileFacts]
    canaries: tuple[Canary, ...]
    metric: str = "cosine"
    format: int = FORMAT
    digest: str = ""

    def sealed(self) -> Self:
        return replace(self, digest=self._digest())

    def as_json(self) -> dict[str, Any]:
        # Not dataclasses.asdict, which copies each of the canaries' thousands of numbers, at every opening of a build.
        files = {name: dict(vars(facts)) for name, facts in self.files.items()}
        return {**vars(self), "files": files, "canaries": [dict(vars(canary)) for canary in self.canaries]}

    def write(self, directory: Path) -> None:
        (directory / FILE).write_text(json.dumps(self.as_json(), indent=1), encoding="utf-8")

    def _digest(self) -> str:
        content = json.dumps({**self.as_json(), "digest": ""}, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(content.encode()).hexdigest()

    @classmethod
    def read(cls, directory: Path) -> Self:
        """The directory's manifest; raises IndexRefused where it is missing, damaged or of another format."""
        try:
            raw = json.loads((directory / FILE).read_bytes())
        except OSError as error:
            raise IndexRefused(f"its {FILE} can't be read: {error.strerror}") from error
        except ValueError as error:
            raise IndexRefused(f"its {FILE} is damaged") from error
        try:
            manifest = cls._of_json(raw)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise IndexRefused(f"its {FILE} is damaged or of another version") from error
        if manifest.digest != manifest._digest():
            raise IndexRefused(f"its {FILE} does not match its own checksum")
        if manifest.format != FORMAT or manifest.metric != "cosine":
            raise IndexRefused(f"it is of format {manifest.format} with the metric {manifest.metric!r}")
        return manifest

    @classmethod
    def _of_json(cls, raw: Mapping[str, Any]) -> Self:
        values = {field.name: raw[field.name] for field in fields(cls)}
        values["files"] = {name: FileFacts(**facts) for name, facts in raw["files"].items()}
        values["canaries"] = tuple(
            Canary(canary["row"], tuple(canary["photo_ids"]), tuple(canary["scores"])) for canary in raw["canaries"]
        )
        return cls(**values)


def facts_of(path: Path) -> FileFacts:
    return FileFacts(path.stat().st_size, sha256_of(path))


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
