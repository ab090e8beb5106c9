"""The blocks of docs/clients.md that are marked `run`, in their order, in one shell."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, Block, blocks
from tests.support.shell import shell_script
from tests.support.world import environment, user_credentials

PAGE = DOCS / "clients.md"
RUN = [block for block in blocks(PAGE) if block.label == "run"]
EXPORTED = ("AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
WANTED = "another encryption context opens nothing\n"


def in_shell(block: Block) -> str:
    """What a reader would type."""
    if block.language == "python":
        return f"python - <<'END'\n{block.text}END\n"
    return block.text


@pytest.mark.parametrize("quotas", ["", " --quotas"], ids=["as it is", "with quotas"])
def test_the_page_works_from_its_beginning_to_its_end(tmp_path: Path, quotas: str):
    script = "".join(in_shell(block) for block in RUN)
    script = shell_script(script.replace("--port 4599", f"--port 4599{quotas}"))
    nobody = environment(user_credentials(), tmp_path, "")
    for name in EXPORTED:  # what the page says is all that a reader has
        nobody.pop(name, None)
    paths = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        env=nobody | {"PATH": paths, "KMSCTL_HOME": str(tmp_path / "kms")},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, WANTED), done.stderr


def test_every_language_of_the_page_that_can_be_run_here_is():
    assert {block.language for block in RUN} == {"sh", "python"}
    assert {block.language for block in blocks(PAGE)} - {"sh", "python"} == {"hcl"}
