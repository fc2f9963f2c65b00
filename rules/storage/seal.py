"""What chat bots hide, sealed: AES-256-GCM under `RULES_DATA_KEY`, plain without one.

The setting may hold several keys, separated by blanks: the first seals, all open, so a key can be
changed by putting a new one in front. A sealed text opens only for the id it was sealed for.

>>> seal = DataSeal("a key of some length")
>>> seal.open("id", seal.close("id", b"text")), seal.open("other", seal.close("id", b"text"))
(b'text', None)
"""

from __future__ import annotations

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

__all__ = ["DataSeal"]

_PLAIN, _SEALED = b"\x00", b"\x01"
_NONCE = 12
_POSITIVE = (1 << 63) - 1


def _derive(key: str, use: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"flow-rules " + use).derive(key.encode())


class DataSeal:
    """`Seal` under the keys of a setting."""

    def __init__(self, keys: str) -> None:
        found = keys.split()
        self._ciphers = [AESGCM(_derive(key, b"links seal")) for key in found]
        self._mark = _derive(found[0], b"links digest") if found else None

    def close(self, uid: str, text: bytes) -> bytes:
        """The text sealed, only to be opened for the same uid."""
        if not self._ciphers:
            return _PLAIN + text
        nonce = os.urandom(_NONCE)
        return _SEALED + nonce + self._ciphers[0].encrypt(nonce, text, uid.encode())

    def open(self, uid: str, sealed: bytes) -> bytes | None:
        """The text, None when no key of ours opens it."""
        form, rest = sealed[:1], sealed[1:]
        if form == _PLAIN:
            return rest
        for cipher in self._ciphers if form == _SEALED else ():
            try:
                return cipher.decrypt(rest[:_NONCE], rest[_NONCE:], uid.encode())
            except (InvalidTag, ValueError):
                continue
        return None

    def digest(self, text: bytes) -> int:
        """A number of 63 bits that stands for the text; keyed where there is a key."""
        if self._mark is None:
            whole = hashlib.sha256(text).digest()
        else:
            whole = hmac.digest(self._mark, text, "sha256")
        return int.from_bytes(whole[:8]) & _POSITIVE
