"""Values of condition keys that are compared as numbers, dates, networks or bytes: one between each two bounds."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from reconciler.policy.evaluate.text import Unreadable
from reconciler.policy.evaluate.values import instant, network, number
from reconciler.policy.meaning.keykinds import Kind

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SOONEST, _LATEST = (int((datetime(year, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds()) for year in (1000, 9999))
_BITS = {4: 32, 6: 128}
_USUAL_ADDRESSES = ("203.0.113.1", "2001:db8::1")


def numbers(texts: Iterable[str], *, whole: bool) -> Iterator[str]:
    """A number at, below, above and between all those in `texts`; the whole ones alone are not negative."""
    for value in _around(sorted({*_read(texts, number)}), whole=whole):
        if not whole or value >= 0:
            yield format(value, "f")


def dates(texts: Iterable[str], kind: Kind) -> Iterator[str]:
    """A date at, before, after and between all those in `texts`, as seconds since 1970 where the key is `EPOCH`."""
    typed = kind in (Kind.DATE, Kind.EPOCH)
    for value in _around(sorted({*_read(texts, instant)}), whole=typed):
        if not _SOONEST <= value <= _LATEST:
            continue
        if kind is Kind.EPOCH:
            if len(str(abs(int(value)))) > 4:
                yield format(value, "f")
            continue
        whole = int(value // 1)
        moment = (_EPOCH + timedelta(seconds=whole)).strftime("%Y-%m-%dT%H:%M:%S")
        fraction = format(value - whole, "f").partition(".")[2].rstrip("0")
        yield f"{moment}.{fraction[:9]}Z" if fraction else f"{moment}Z"


def addresses(texts: Iterable[str]) -> Iterator[str]:
    """An address of each part into which the networks in `texts` cut those of IPv4 and IPv6."""
    yield from _USUAL_ADDRESSES
    cuts: dict[int, set[int]] = {4: {0}, 6: {0}}
    for text in texts:
        try:
            found = network(text)
        except Unreadable:
            continue
        cuts[found.version] |= {int(found.network_address), int(found.broadcast_address) + 1}
    for version, starts in cuts.items():
        for start in sorted(starts):
            if start < 1 << _BITS[version]:
                yield str((ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address)(start))


def octets(texts: Iterable[str]) -> Iterator[str]:
    """The bytes in `texts`, and others, in base64."""
    yield from texts
    yield from ("AAAA", "AAAB", "AAAC")


def _read(texts: Iterable[str], read: Callable[[str], Decimal]) -> Iterator[Decimal]:
    for text in texts:
        try:
            yield read(text)
        except Unreadable:
            continue


def _around(bounds: list[Decimal], *, whole: bool) -> Iterator[Decimal]:
    """Each of `bounds`, and what lies between and beyond."""
    if not bounds:
        yield Decimal(100_000)
        return
    if whole:
        cut = sorted({edge for bound in bounds for edge in _edges(bound)})
        yield from cut
        return
    yield bounds[0] - 1
    for low, high in zip(bounds, [*bounds[1:], bounds[-1] + 2], strict=True):
        yield low
        yield (low + high) / 2


def _edges(bound: Decimal) -> tuple[Decimal, ...]:
    floor = Decimal(bound // 1)
    return floor - 1, floor, floor + 1
