"""Secrets of a run: every value that the service models call sensitive, and what else must never be seen again."""

from __future__ import annotations

import base64
import json

from reconciler.engine.wire.model import operation_model
from reconciler.kit.errors import KmsError

LEAST = 12
"""Bytes of a value that cannot be anywhere by chance."""
MORE = {"GrantToken", "Mac", "SecretAccessKey", "SessionToken"}
"""Members that are secret, or of no use but to who was told them, without being called sensitive."""
KEPT = {"AccessKeyId"}
"""Of an external key store's proxy: DescribeCustomKeyStores tells it."""


class Collector:
    """A client that remembers every secret that passes through it, and all that it is told about errors."""

    def __init__(self, kms):
        self._kms = kms
        self.secrets: set[bytes] = set()
        self.told: list[str] = []
        self.called: set[str] = set()

    def __call__(self, operation, parameters):
        model = operation_model(operation)
        self.called.add(operation)
        self._take(model.shapes, model.input, "", parameters)
        try:
            answer = self._kms(operation, parameters)
        except KmsError as error:
            self.told += [str(error), repr(error), repr(vars(error))]
            raise
        if model.output:
            self._take(model.shapes, model.output, "", answer)
        return answer

    def fails(self, operation, **parameters):
        """A call that is refused."""
        try:
            self(operation, parameters)
        except KmsError:
            return
        raise AssertionError(f"{operation} was to fail")

    def _take(self, shapes, name, member, value):
        shape = shapes[name]
        match value:
            case dict() if shape["type"] == "structure":
                for inner, item in value.items():
                    if inner in shape["members"]:
                        self._take(shapes, shape["members"][inner]["shape"], inner, item)
            case list() if shape["type"] == "list":
                for item in value:
                    self._take(shapes, shape["member"]["shape"], member, item)
            case str() | bytes() if (shape.get("sensitive") or member in MORE) and member not in KEPT:
                self.keep(value)

    def keep(self, value):
        """Remember a secret."""
        raw = value.encode() if isinstance(value, str) else value
        if len(raw) >= LEAST:
            self.secrets.add(raw)


def forms(secret):
    """How `secret` might be written down: as it is, in hexadecimal, in base 64 of anything that holds it, escaped."""
    made = {secret, secret.hex().encode(), secret.hex().upper().encode(), repr(secret)[2:-1].encode()}
    made.add(json.dumps(secret.decode("latin-1"))[1:-1].encode())
    for shift in range(3):
        text = base64.b64encode(bytes(shift) + secret)
        core = text[4 if shift else 0 : len(text) - 4]
        made |= {core, core.replace(b"+", b"-").replace(b"/", b"_")}
    return {form for form in made if len(form) >= LEAST}


def leaks(secrets, places):
    """Which secrets are in which of `places`, by their names."""
    return {
        (secret, name)
        for secret in secrets
        for form in forms(secret)
        for name, content in places.items()
        if form in content
    }


def files_of(folder):
    """What is in a data folder, but for the root key, which is a secret of its own; empty room is left out."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "root.key")
    return {path.name: path.read_bytes().replace(bytes(1_024), b"") for path in files}
