"""Secrets that steps need: read in apply alone, from where the plan says that they are.

No plan, log, error or record holds one. What is read is used at once and forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from reconciler.kit.errors import KmsctlError
from reconciler.model.material import SecretSource


@dataclass(frozen=True, slots=True)
class Secret:
    """What a source held."""

    content: bytes = field(repr=False)
    note: str = ""
    """What a person should know of how it is kept, such as a file that others can read."""


class Secrets(Protocol):
    """A way to read secrets."""

    def __call__(self, source: SecretSource, /) -> Secret:
        """What is there now.

        Raises:
            KmsctlError: it is not there, cannot be read, or is of no kind that can be read here.
        """
        ...


def no_secrets(source: SecretSource, /) -> Secret:
    """For an apply that was given no way to read any."""
    raise KmsctlError(f"the {source} cannot be read", why="this run has no way to read secrets")
