"""What the use cases know of the world: where the bundled KMS keeps its data, the environment, and the clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.kit.clock import Clock, SystemClock

HOME_VARIABLE = "KMSCTL_HOME"
_DEFAULT_HOME = ".kmsctl"


@dataclass(frozen=True, slots=True)
class Environment:
    """Read once, at the edge; nothing below reads `os.environ`."""

    home: Path
    """The data folder of the bundled KMS."""
    variables: Mapping[str, str] = field(default_factory=dict)
    clock: Clock = field(default_factory=SystemClock)

    @classmethod
    def of(cls, variables: Mapping[str, str], clock: Clock) -> Environment:
        """What the environment variables say."""
        return cls(Path(variables.get(HOME_VARIABLE) or _DEFAULT_HOME), variables, clock)
