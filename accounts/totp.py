"""Codes that change every half minute (TOTP): RFC 6238 over RFC 4226, with SHA-1 and six digits, as all apps do."""

import base64
import hashlib
import hmac
import secrets
import struct
from urllib.parse import quote, urlencode

STEP = 30  # seconds
DIGITS = 6


def new_secret() -> str:
    """160 bits, as RFC 4226 (section 4, R6) asks, in Base32."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code_at(secret: str, step: int) -> str:
    """The six digits of the half minute number `step` since 1970 (RFC 4226, section 5.3)."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    (number,) = struct.unpack(">I", digest[offset : offset + 4])
    return str((number & 0x7FFFFFFF) % 10**DIGITS).zfill(DIGITS)


def matching_step(secret: str, code: str, now: float, *, after: int) -> int | None:
    """The half minute that the code belongs to: this one or a neighbour, and later than the step `after`; else None."""
    here = int(now) // STEP
    for step in (here, here - 1, here + 1):  # phones' clocks are off by some seconds (RFC 6238, section 5.2)
        if step > after and hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            return step
    return None


def address_of(secret: str, account: str, issuer: str) -> str:
    """What an authenticator app reads from the QR code."""
    label = quote(f"{issuer}:{account}")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': issuer})}"
