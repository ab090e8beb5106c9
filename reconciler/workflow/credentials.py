"""One identity's access key, from the identities file, ready for an AWS SDK."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from reconciler.engine.identities import AccessKey
from reconciler.kit.arn import Arn
from reconciler.kit.errors import KmsctlError


@dataclass(frozen=True, slots=True)
class Credential:
    """An access key, whose it is, and where it is good for."""

    name: str
    """The identity, as `names_of` calls it."""
    key_id: str
    secret: str = field(repr=False)
    region: str
    endpoint_url: str


def credential(path: Path, name: str | None, region: str, endpoint_url: str) -> Credential:
    """The access key of the identity that `name` means; of the only one when there is no name.

    Raises:
        InvalidInput: the file is not valid.
        KmsctlError: nobody, or more than one, is meant.
    """
    key = _chosen(path, name)
    return Credential(_called(key), key.key_id, key.secret, region, endpoint_url)


def names_of(path: Path) -> list[str]:
    """Who has an access key, sorted: `111122223333/alice`, `111122223333/root`, `s3.amazonaws.com`.

    Raises:
        InvalidInput: the file is not valid.
    """
    return sorted({_called(key) for key in _keys(path).values()})


def _chosen(path: Path, name: str | None) -> AccessKey:
    keys = _keys(path)
    meant = [key for key in keys.values() if name is None or name in _names(key)]
    found = {_called(key) for key in meant}
    if len(found) == 1:
        return meant[0]
    if not keys:
        raise KmsctlError(f"nobody in {path} has an access key", fix="give somebody `accessKeys`")
    if found:
        what = "several identities have access keys" if name is None else f"{name!r} is more than one identity"
        raise KmsctlError(what, why=f"there are {', '.join(sorted(found))}", fix="say which, with its account")
    near = get_close_matches(str(name), sorted({each for key in keys.values() for each in _names(key)}), 3, 0.5)
    raise KmsctlError(
        f"nobody in {path} is called {name!r} and has an access key",
        fix=f"did you mean {' or '.join(near)}?" if near else f"choose of {', '.join(names_of(path))}",
    )


def _keys(path: Path) -> Mapping[str, AccessKey]:
    from reconciler.workflow.identities import read_identities

    return read_identities(path).identities.access_keys


def _names(key: AccessKey) -> tuple[str, ...]:
    """Everything that may be said for the holder of `key`."""
    called = _called(key)
    return (called, called.rpartition("/")[2], key.principal, key.key_id)


def _called(key: AccessKey) -> str:
    arn = Arn.parse(key.principal)
    return f"{arn.account}/{arn.resource.rpartition('/')[2]}" if arn else key.principal
