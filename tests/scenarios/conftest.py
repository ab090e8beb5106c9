"""One server for all scenarios of a test process, and the keys of examples/aws-services, applied as users would."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.serving import KMSCTL
from tests.support.world import World, world

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="session")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Who there is, and a server that knows them. Tests share it; each looks at what it did itself."""
    with world(tmp_path_factory.mktemp("world")) as made:
        subprocess.run(
            [KMSCTL, "apply", "-f", EXAMPLES / "aws-services", "--auto-approve"],
            env={**os.environ, "KMSCTL_HOME": str(made.served.data)},
            check=True,
            capture_output=True,
            timeout=60,
        )
        yield made


@pytest.fixture
def key_of(there: World):
    """The ARN of a key of the example, by its alias."""

    def find(alias: str) -> str:
        return str(there.user().describe_key(KeyId=f"alias/{alias}")["KeyMetadata"]["Arn"])

    return find
