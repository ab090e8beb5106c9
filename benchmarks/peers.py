"""The same plan over HTTP against moto, beside Ansible's KMS module in check mode."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks import manifests
from benchmarks.processes import BIN, measure
from benchmarks.tables import table

_PORT = 4610
_ENDPOINT = f"http://127.0.0.1:{_PORT}"
_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
_ACCOUNT = "123456789012"
_ANSIBLE = ("ansible-core", "ansible", "boto3")


def run(keys: int = 1_000, ansible_keys: int = 100) -> str:
    """Seconds a key for both, on the same keys in the same server."""
    with tempfile.TemporaryDirectory() as name, _moto():
        folder = Path(name)
        source = manifests.write(folder / "manifests", keys)
        aws = ["--backend", "aws", "--endpoint-url", _ENDPOINT, "--region", "us-east-1", "-f", str(source)]
        _apply(aws)
        planned = measure([str(BIN / "kmsctl"), "plan", "--detailed-exitcode", *aws], environment=_CREDENTIALS)
        checked = measure(_playbook(folder, ansible_keys), environment=_ansible_environment(folder))
    rows = [
        ("`kmsctl plan`, no change", f"{keys:,}", planned.wall, planned.wall / keys),
        ("`amazon.aws.kms_key`, check mode", f"{ansible_keys:,}", checked.wall, checked.wall / ansible_keys),
    ]
    ratio = (checked.wall / ansible_keys) / (planned.wall / keys)
    return table("Over HTTP, against moto", ("tool", "keys", "wall s", "s a key"), rows) + (
        f"\nA planned key takes {ratio:,.0f} times as long with Ansible.\n"
    )


def _apply(aws: list[str]) -> None:
    """Make the keys. Moto fails a call in some thousands when several arrive at once, so it may take a second run."""
    command = [str(BIN / "kmsctl"), "apply", "-y", *aws]
    with suppress(RuntimeError):
        measure(command, environment=_CREDENTIALS)
    measure(command, environment=_CREDENTIALS)


@contextmanager
def _moto() -> Iterator[None]:
    command = [str(BIN / "moto_server"), "-H", "127.0.0.1", "-p", str(_PORT)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_it_answers()
        yield
    finally:
        server.terminate()
        server.wait()


def _wait_until_it_answers() -> None:
    for _ in range(100):
        try:
            urllib.request.urlopen(f"{_ENDPOINT}/moto-api/").close()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)  # noqa: TID251  waiting for a process, not simulating time
        else:
            return
    raise RuntimeError("moto did not start")


def _playbook(folder: Path, keys: int) -> list[str]:
    """Ansible in an environment of its own, made on first use below the folder."""
    environment = folder / "ansible"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet", *_ANSIBLE]
    subprocess.run(pip, check=True)
    task = {
        "amazon.aws.kms_key": {
            "alias": "bench/key-{{ '%05d' | format(item) }}",
            "description": "Key number {{ item }} of the benchmark",
            "enable_key_rotation": True,
            "endpoint_url": _ENDPOINT,
            "region": "us-east-1",
        },
        "check_mode": True,
        "loop": list(range(keys)),
    }
    play = [{"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [task]}]
    (folder / "play.yaml").write_text(json.dumps(play), encoding="utf-8")
    return [str(environment / "bin" / "ansible-playbook"), "-i", "localhost,", str(folder / "play.yaml")]


def _ansible_environment(folder: Path) -> dict[str, str]:
    python = folder / "ansible" / "bin" / "python"
    return {**_CREDENTIALS, "ANSIBLE_PYTHON_INTERPRETER": str(python), "ANSIBLE_LOCALHOST_WARNING": "false"}
