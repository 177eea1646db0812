"""A seller's address can't be guessed: a random key of 122 bits, sealed with our own signature of 256."""

from uuid import UUID

from django.core.signing import BadSignature, Signer

_signer = Signer(sep=".", salt="search.seal")


class SealedKey:
    """Path converter: `<sealed:key>` is a UUID in code and "<32 hex digits>.<signature>" in the address.

    A broken seal matches no address, so it gives the same 404 as a page that never was. Keys in
    SECRET_KEY_FALLBACKS still open what they sealed.
    """

    regex = r"[0-9a-f]{32}\.[A-Za-z0-9_-]{43}"

    def to_python(self, value: str) -> UUID:
        try:
            return UUID(hex=_signer.unsign(value))
        except BadSignature:
            raise ValueError("the seal is broken") from None

    def to_url(self, key: UUID) -> str:
        return _signer.sign(key.hex)
