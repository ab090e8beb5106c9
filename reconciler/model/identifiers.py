"""The kinds of string and number that keys, aliases and grants are named and measured by."""

from __future__ import annotations

from typing import NewType

KeyId = NewType("KeyId", str)
"""A key's id: a UUID, or `mrk-` and 32 hexadecimal digits for a multi-Region key."""
KeyArn = NewType("KeyArn", str)
AliasName = NewType("AliasName", str)
"""With its prefix: `alias/payments`."""
GrantId = NewType("GrantId", str)
TargetName = NewType("TargetName", str)
"""The name of a Target; the empty string is the run's own."""
Days = NewType("Days", int)

RUN_TARGET = TargetName("")
"""The target of every resource that names none."""
