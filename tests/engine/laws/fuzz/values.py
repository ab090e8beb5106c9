"""Parameters that are nearly right: from the service model, real names, and values that break programs."""

from __future__ import annotations

import base64
from random import Random

from reconciler.engine.wire.model import operation_model

ODD_TEXTS = (
    "",
    " ",
    "\x00",
    "\ud800",
    "\udfff\ud800",
    "é" * 70,
    "\U0001f511",
    "a" * 300,
    "a" * 9_000,
    "alias/",
    "alias/aws/s3",
    "alias/" + "a" * 250,
    "arn:",
    "arn:aws:kms:::",
    "arn:aws:kms:us-east-1:444455556666:key/",
    "arn:aws:kms:us-east-1:111122223333:key/../../x",
    "arn:aws:s3:::bucket",
    "' OR 1=1 --",
    "%s%n{0}${jndi:ldap://x}",
    "../../etc/passwd",
    "*",
    "?",
    "[" * 1_500,
    "1e400",
    "NaN",
    "null",
)
ODD_NUMBERS = (0, -1, 1, 7, 30, 90, 1_000, 2_561, 2**31, 2**53, 2**63 - 1, -(2**63), 2**64 - 1, 1e308, -0.0, 0.5)
ODD_BYTES = (b"", b"\x00", b"\x01", b"\x01\x00\x00", b"\x01\xff\xff" + bytes(90), bytes(64), bytes(6_145), b"\x30\x80")
ODD = (None, True, False, [], {}, [[]], [None], {"": None}, {"a": {"b": [1]}}, "x", 1, 1.5)
"""Values of any type."""


class Maker:
    """Makes parameters with `random`; `pool` has real values by member name."""

    def __init__(self, random: Random, pool: dict[str, list[object]]) -> None:
        self.random = random
        self.pool = pool

    def parameters(self, operation):
        """Nearly right parameters of `operation`, as JSON has them."""
        model = operation_model(operation)
        return self.value(model.shapes, model.input, operation, 0)

    def chance(self, one_in):
        return self.random.randrange(one_in) == 0

    def value(self, shapes, name, member, depth):
        """A value of the shape `name`, or seldom of none."""
        if depth and self.chance(40):
            return self.random.choice(ODD)
        shape = shapes[name]
        if member in self.pool and not self.chance(4):
            return self.random.choice(self.pool[member])
        match shape["type"]:
            case "structure":
                return self.structure(shapes, shape, depth)
            case "list":
                inner = shape["member"]["shape"]
                return [
                    self.value(shapes, inner, member, depth + 1) for _ in range(self.random.choice((0, 1, 1, 2, 60)))
                ]
            case "map":
                return {self.text(): self.text() for _ in range(self.random.choice((0, 1, 2, 9)))}
            case "string":
                return self.random.choice(shape["enum"]) if "enum" in shape and not self.chance(20) else self.text()
            case "blob":
                return base64.b64encode(self.bytes()).decode()
            case "boolean":
                return self.chance(2)
            case _:
                return self.random.choice(ODD_NUMBERS)

    def structure(self, shapes, shape, depth):
        required = set(shape.get("required", ()))
        made = {}
        for name, target in shape["members"].items():
            if (name in required and not self.chance(30)) or self.chance(4):
                made[name] = self.value(shapes, target["shape"], name, depth + 1)
        return made | ({self.text(): self.random.choice(ODD)} if self.chance(20) else {})

    def text(self):
        if self.chance(3):
            return self.random.choice(ODD_TEXTS)
        return "".join(self.random.choice("abc/:-_.{}$\\\"'\x7fÿ") for _ in range(self.random.randrange(12)))

    def bytes(self):
        return self.random.choice(ODD_BYTES) if self.chance(2) else self.random.randbytes(self.random.randrange(200))


def damaged(random, whole):
    """`whole`, not empty, with one thing wrong: a bit, a byte more or less, a part twice or not at all."""
    place = random.randrange(len(whole))
    match random.randrange(6):
        case 0:
            return whole[:place] + bytes([whole[place] ^ 1 << random.randrange(8)]) + whole[place + 1 :]
        case 1:
            return whole[:place]
        case 2:
            return whole + random.randbytes(1 + random.randrange(3))
        case 3:
            return whole[:place] + random.randbytes(1) + whole[place:]
        case 4:
            return whole[:place] + whole[place + 1 :]
        case _:
            return whole[place:] + whole
