"""How the programs of the cluster get to the machine and are kept there."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.e2e.cluster import __main__ as command
from tests.e2e.cluster import cache, client_programs, control_plane, tools
from tests.e2e.cluster.tools import CannotRunError


@pytest.fixture(autouse=True)
def kept(tmp_path, monkeypatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv("KMSCTL_E2E_CACHE", str(tmp_path / "kept"))
    return tmp_path / "kept"


def test_two_that_want_the_same_program_at_once_make_it_once(kept):
    made = []

    def make(folder: Path) -> None:
        made.append(folder)
        (folder / "program").write_text("built")

    threads = [threading.Thread(target=cache.kept, args=("v1", make)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert (kept / "v1" / "program").read_text() == "built"


def test_what_could_not_be_made_is_not_kept(kept):
    def make(folder: Path) -> None:
        (folder / "half").touch()
        raise CannotRunError("the disk is full")

    with pytest.raises(CannotRunError):
        cache.kept("v1", make)
    assert [path.name for path in kept.iterdir()] == ["v1.lock"]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"KMSCTL_E2E_CACHE": "/there", "XDG_CACHE_HOME": "/xdg"}, "/there"),
        ({"KMSCTL_E2E_CACHE": "", "XDG_CACHE_HOME": "/xdg"}, "/xdg/kmsctl-e2e"),
        ({"KMSCTL_E2E_CACHE": "", "XDG_CACHE_HOME": "", "HOME": "/me"}, "/me/.cache/kmsctl-e2e"),
    ],
    ids=["named", "xdg", "home"],
)
def test_the_cache_is_where_the_environment_says(monkeypatch, environment, expected):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert str(cache.root()) == expected


@pytest.mark.parametrize("other", [[b"ab", b"c", b""], [b"a", b"bc"], [b"abc"], [b"c", b"ab"]], ids=str)
def test_the_digest_knows_every_part(other):
    assert cache.digest([b"ab", b"c"]) == cache.digest([b"ab", b"c"])
    assert cache.digest([b"ab", b"c"]) != cache.digest(other)


def test_every_part_of_kubernetes_is_of_one_version():
    minor_and_patch = control_plane.version().removeprefix("v1.")
    lines = (control_plane.MODULE / "go.mod").read_text().splitlines()
    replaced = [line.split()[-1] for line in lines if " => " in line]
    assert len(replaced) > 30
    assert set(replaced) == {f"v0.{minor_and_patch}"}


def test_a_missing_program_is_named_with_what_it_is_for():
    with pytest.raises(CannotRunError, match=r"`no-such-go` is not installed\. .* need it for building Kubernetes"):
        tools.find("no-such-go", Path("/nowhere"), needed_for="building Kubernetes: install Go")


def test_a_program_of_an_unknown_digest_is_refused(tmp_path):
    with pytest.raises(CannotRunError, match=r"helm of .* has the SHA-256 "):
        client_programs._keep(tmp_path / "helm", b"something else", client_programs.SHA256["helm"])
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_what_is_missing_without_a_traceback(monkeypatch, capsys):
    def missing() -> Path:
        raise CannotRunError("`go` is not installed.")

    monkeypatch.setattr(command, "binary", missing)
    assert command.main(["build"]) == 3
    assert capsys.readouterr().err == "`go` is not installed.\n"


def test_the_command_refuses_what_it_does_not_know(capsys):
    assert command.main(["destroy"]) == 2
    assert capsys.readouterr().err.startswith("usage:")
