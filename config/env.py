"""Plain reads of the environment: a bad value stops the start with a sentence that says what to set."""

import os
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def hold_libraries_to(threads: int) -> None:
    """So many threads for each library of arithmetic, which reads its number when it is loaded: say this before.

    Left alone numpy's BLAS and FAISS start a thread a core in every process. On a busy machine a small product, such as
    the head's, then takes 16 ms instead of 0.1; and they wait busily for the next one: a page cost 125 ms of two cores
    instead of 40 (python -m bench.load --rounds similar).
    """
    for library in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(library, str(threads))


def read_dotenv(path: Path) -> None:
    """Take settings from a `.env` file beside manage.py; what the process already has wins."""
    if path.is_file():
        environ.Env.read_env(path, overwrite=False)


def text(name: str, default: str = "", *, choices: Sequence[str] = ()) -> str:
    """The variable's text; empty counts as not set. `NAME_FILE` may name a file that holds it (container secrets)."""
    value = os.environ.get(name, "").strip()
    if not value and (path := os.environ.get(f"{name}_FILE")):
        try:
            value = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not text"
            raise ImproperlyConfigured(f"{name}_FILE names {path!r}, which can't be read: {reason}.") from error
    value = value or default
    if choices and value not in choices:
        raise ImproperlyConfigured(f"{name} is {value!r}. Set it to one of: {', '.join(choices)}.")
    return value


def integer(name: str, default: int, *, minimum: int = 0, maximum: int | None = None) -> int:
    """A whole number within its bounds."""
    raw = text(name, str(default))
    try:
        value = int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {raw!r}. Set it to a whole number, such as {default}.") from None
    if value < minimum or (maximum is not None and value > maximum):
        bounds = f"at least {minimum}" if maximum is None else f"between {minimum} and {maximum}"
        raise ImproperlyConfigured(f"{name} is {value}. Set it to a whole number {bounds}.")
    return value


def number(name: str, default: float, *, minimum: float, maximum: float) -> float:
    """A number within its bounds."""
    raw = text(name, str(default))
    try:
        value = float(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {raw!r}. Set it to a number, such as {default}.") from None
    if not minimum <= value <= maximum:  # also refuses NaN
        raise ImproperlyConfigured(f"{name} is {raw}. Set it to a number between {minimum} and {maximum}.")
    return value


def flag(name: str, default: bool) -> bool:
    """Yes or no."""
    raw = text(name, "yes" if default else "no").lower()
    if raw in _TRUE:
        return True
    if raw in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name} is {raw!r}. Set it to yes or no.")


def is_url(value: str, schemes: Sequence[str]) -> bool:
    """Whether it is an address of one of these schemes, with a port that is one if it names any."""
    try:
        parts = urlsplit(value)
        return parts.scheme in schemes and parts.port != 0
    except ValueError:
        return False


def listing(name: str, default: Sequence[str] = ()) -> list[str]:
    """A comma-separated list."""
    return [part.strip() for part in text(name, ",".join(default)).split(",") if part.strip()]


def networks(name: str, default: Sequence[str] = ()) -> list[IPv4Network | IPv6Network]:
    """A comma-separated list of networks, or of single addresses."""
    found = []
    for word in listing(name, default):
        try:
            found.append(ip_network(word))
        except ValueError as error:
            raise ImproperlyConfigured(
                f"{name} holds {word!r}. Set it to networks such as 10.0.0.0/8, with commas."
            ) from error
    return found


def database(name: str) -> dict[str, object]:
    """Django's DATABASES entry from a URL such as postgres://user:password@host:5432/name; empty where none is set."""
    url = text(name)
    if not url:
        return {}
    another_form = ImproperlyConfigured(
        f"{name} must be postgres://user:password@host:5432/name or sqlite:////path/to/file; it has another form."
    )
    if url.partition("://")[0] not in {"sqlite", "postgres", "postgresql"}:
        raise another_form
    try:
        config: dict[str, object] = dict(environ.Env.db_url_config(url))
    except ValueError as error:  # such as a port that is no number
        raise another_form from error
    if config.get("NAME") in {None, "", ":memory:"}:
        raise another_form
    return config
