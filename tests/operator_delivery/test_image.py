"""What the image is made of. It is not built here: no container engine is at hand."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from reconciler import __version__
from tests.operator_delivery.files import OPERATOR, ROOT

DOCKERFILE = OPERATOR / "Dockerfile"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NEEDED = [Requirement(line) for line in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["operator"]]
LOCKS = {name: (OPERATOR / name).read_text(encoding="utf-8") for name in ("requirements.txt", "build-requirements.txt")}
PINNED = dict(re.findall(r"^([a-z0-9-]+)==(\S+) \\$", LOCKS["requirements.txt"], re.MULTILINE))


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile, each on one line."""
    text = re.sub(r"\\\n", " ", DOCKERFILE.read_text(encoding="utf-8"))
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines]


def final_stage() -> dict[str, str]:
    """The instructions of the last stage; of equal ones the last."""
    listed = instructions()
    start = max(at for at, (name, _) in enumerate(listed) if name == "FROM")
    return dict(listed[start:])


def test_hadolint_finds_nothing():
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run(
        [hadolint, "--failure-threshold=style", DOCKERFILE], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_base_is_pinned_by_a_tag_and_no_latest():
    (base,) = [value for name, value in instructions() if name == "ARG" and value.startswith("PYTHON=")]
    assert re.fullmatch(r"PYTHON=python:3\.\d+-slim-[a-z]+", base)
    assert [value.split()[0] for name, value in instructions() if name == "FROM"] == ["${PYTHON}", "${PYTHON}"]


def test_the_image_runs_kmsctl_as_somebody_without_a_name_or_rights():
    stage = final_stage()
    assert stage["USER"] == "65532:65532"
    assert stage["ENTRYPOINT"] == '["kmsctl"]'
    assert "HEALTHCHECK" not in stage


def test_a_user_that_no_list_names_has_a_name_and_a_home():
    """As on OpenShift, which chooses the number: without, Python's getpass fails."""
    assert {"USER=kmsctl", "HOME=/tmp"} <= set(final_stage()["ENV"].split())


def test_the_image_is_run_by_the_chart_as_the_same_user():
    values = (OPERATOR / "chart" / "values.yaml").read_text(encoding="utf-8")
    assert re.findall(r"runAsUser: (\d+)", values) == ["65532"]


def test_nothing_is_fetched_but_by_the_package_manager():
    assert "ADD" not in {name for name, _ in instructions()}
    assert not re.search(r"curl|wget|apt-get|https?:", DOCKERFILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("source", [v for n, v in instructions() if n == "COPY" and not v.startswith("--from")])
def test_what_is_copied_exists_and_is_let_through(source):
    let_through = (OPERATOR / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    for path in source.split()[:-1]:
        assert (ROOT / path).exists()
        assert f"!{path}" in let_through


@pytest.mark.parametrize("needed", NEEDED, ids=lambda needed: needed.name)
def test_every_dependency_is_pinned_to_a_version_that_will_do(needed):
    assert needed.specifier.contains(PINNED[canonicalize_name(needed.name)])


@pytest.mark.parametrize("name", LOCKS)
def test_everything_that_is_fetched_has_a_version_and_digests(name):
    text = re.sub(r"\\\n", " ", LOCKS[name])
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert lines
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==\S+( +--hash=sha256:[0-9a-f]{64})+", line)] == []


def test_nothing_is_installed_but_what_has_a_digest_or_was_made_here():
    commands = " ".join(value for name, value in instructions() if name == "RUN").split("&&")
    installing = [command.strip() for command in commands if " install " in command]
    assert installing
    for command in installing:
        assert "--require-hashes" in command or {"--no-deps", "--no-index"} <= set(command.split()), command


def test_the_image_has_the_version_of_the_package():
    assert re.search(r"^ARG VERSION=(.*)$", DOCKERFILE.read_text(encoding="utf-8"), re.MULTILINE)[1] == __version__


def test_the_wheel_holds_the_schemas_and_the_data_that_kmsctl_reads(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target=wheel", f"--directory={tmp_path}"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    assert {f"reconciler/schemas/{path.name}" for path in (ROOT / "schemas").glob("*.json")} <= held
    kinds = (".json", ".html", ".css")
    data = {str(path.relative_to(ROOT)) for path in (ROOT / "reconciler").rglob("*") if path.suffix in kinds}
    assert data <= held
