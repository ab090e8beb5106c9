"""The IAM policy that a plan needs, ready to be given to IAM: no version or kind of ours is in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def render(policy: Mapping[str, Any]) -> str:
    """`policy` as indented JSON text."""
    return json.dumps(policy, indent=2, allow_nan=False) + "\n"
