"""Secrets for tests: what every place of a manifest holds, and wrapping keys that are made once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest

from reconciler.apply.secrets import Secret
from reconciler.engine.crypto import wrapping
from reconciler.kit.errors import KmsctlError
from reconciler.model.material import SecretSource

_GENERATE = cache(wrapping.generate)


def derived(source: SecretSource) -> Secret:
    """Thirty-two bytes, or a text of printable characters, that only the name of the place decides."""
    digest = hashlib.sha256(str(source).encode())
    if str(source).endswith(("password", "XKS_SECRET")):
        return Secret(digest.hexdigest()[: 20 if str(source).endswith("password") else 60].encode())
    return Secret(digest.digest())


class Places:
    """A way to read secrets that holds what it is given, and counts."""

    def __init__(self, **held: bytes) -> None:
        self.held = held
        self.read: list[str] = []

    def __call__(self, source: SecretSource, /) -> Secret:
        """What is held for the path or name."""
        name = getattr(source, "path", None) or getattr(source, "name", "")
        self.read.append(name)
        if name not in self.held:
            raise KmsctlError(f"the {source} is not there")
        return Secret(self.held[name])


@contextmanager
def wrapping_keys_made_once() -> Iterator[None]:
    """A bundled KMS that gives the same wrapping key again and again: a key of 4096 bits takes a second to make."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(wrapping, "generate", _GENERATE)
        yield
