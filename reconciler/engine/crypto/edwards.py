"""The group of edwards25519 (RFC 8032 §5.1, RFC 7748 §4.1), as far as Ed25519ph needs it and OpenSSL does not give it.

A secret multiple of the base point is computed by OpenSSL's X25519, whose time does not depend on the scalar; Python
only finds the sign that X25519 leaves out, from values that the signature publishes. Everything else here is about
public points, and takes the time it takes.
"""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

Point = tuple[int, int, int, int]
"""Extended homogeneous coordinates X, Y, Z, T with x = X/Z, y = Y/Z, xy = T/Z (RFC 8032 §5.1.4)."""

P: Final = 2**255 - 19
"""The field."""
ORDER: Final = 2**252 + 27742317777372353535851937790883648493
"""The order of the base point, L."""
_D: Final = -121665 * pow(121666, -1, P) % P
_ROOT_OF_MINUS_1: Final = pow(2, (P - 1) // 4, P)
_BASE_X: Final = 15112221349535400772501151409588531511454012693041857206046113283949847762202
_BASE_Y: Final = 46316835694926478169428394003475163141307993866256225615783033603165251855960
BASE: Final[Point] = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % P)
_NEUTRAL: Final[Point] = (0, 1, 1, 0)

_A: Final = 486662
_BASE_U: Final = 9
_BASE_V: Final = 14781619447589544791020593568409986887264606134616475288964881837755586237401
_U_OVER_V: Final = _BASE_X * _BASE_V * pow(_BASE_U, -1, P) % P
"""The square root of -486664 with which x = root · u / v maps this base point of curve25519 to that of edwards25519."""


def base_multiple(scalar: int) -> bytes:
    """The encoding of `scalar` times the base point, for a secret `scalar` between 0 and ORDER.

    Curve25519 gives the u coordinates of [n]B and [n + 1]B; v follows from the two (Okeya and Sakurai, 2001).

    Raises:
        ValueError: the scalar is within 2^128 of an end of its range, which a hash is once in 2^124 times.
    """
    u, next_u = _montgomery(scalar), _montgomery(scalar + 1)
    doubled = (_BASE_U * u + 1) * (_BASE_U + u + 2 * _A) - 2 * _A - (_BASE_U - u) ** 2 * next_u
    v = doubled * pow(2 * _BASE_V, -1, P) % P
    return _encoded(_U_OVER_V * u * pow(v, -1, P) % P, (u - 1) * pow(u + 1, -1, P) % P)


def _montgomery(scalar: int) -> int:
    """The u coordinate of [scalar]B, or of its negative, which is the same."""
    clamped = _clamped(scalar).to_bytes(32, "little")
    return int.from_bytes(X25519PrivateKey.from_private_bytes(clamped).public_key().public_bytes_raw(), "little")


def _clamped(scalar: int) -> int:
    """A number that X25519's clamping does not change, and that is congruent to `scalar` or its negative.

    Four multiples of L added to the one, four others to the other, have every residue modulo 8 once.
    """
    shifted = [scalar + turns * ORDER for turns in range(4, 8)] + [turns * ORDER - scalar for turns in range(5, 9)]
    fitting = [number for number in shifted if number % 8 == 0 and number.bit_length() == 255]
    if not fitting:
        raise ValueError("the scalar is too near an end of its range")
    return fitting[0]


def decode(encoded: bytes) -> Point | None:
    """The point, or None when 32 bytes encode none (RFC 8032 §5.1.3)."""
    number = int.from_bytes(encoded, "little")
    y, sign = number & (2**255 - 1), number >> 255
    if y >= P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * _ROOT_OF_MINUS_1 % P
    if x * x % P != square or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def encode(point: Point) -> bytes:
    """32 bytes (RFC 8032 §5.1.2)."""
    inverse = pow(point[2], -1, P)
    return _encoded(point[0] * inverse % P, point[1] * inverse % P)


def sum_of_multiples(first: tuple[int, Point], second: tuple[int, Point]) -> Point:
    """m·M + n·N for the public (m, M) and (n, N)."""
    (m, one), (n, other) = first, second
    table = (_NEUTRAL, one, other, _add(one, other))
    total = _NEUTRAL
    for bit in reversed(range(max(m.bit_length(), n.bit_length()))):
        total = _add(total, total)
        chosen = (m >> bit & 1) | (n >> bit & 1) << 1
        if chosen:
            total = _add(total, table[chosen])
    return total


def negative(point: Point) -> Point:
    """The point's negative."""
    return P - point[0], point[1], point[2], P - point[3]


def _add(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * _D * one[3] * other[3] % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _encoded(x: int, y: int) -> bytes:
    return (y | (x & 1) << 255).to_bytes(32, "little")
