"""`kmsctl operator run`, up to where the operator begins."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

KMSCTL = Path(sys.executable).with_name("kmsctl")
RUN = ("operator", "run", "--cluster-name", "dev")
WITHOUT = """
import sys
for name in sys.argv[1].split(","):
    sys.modules[name] = None  # as if it were not installed
from reconciler.cli.context import of_process
from reconciler.cli.main import main
sys.exit(main(sys.argv[2:], of_process()))
"""


def without(modules, *argv):
    """A process in which `modules` are not installed."""
    return subprocess.run([sys.executable, "-c", WITHOUT, modules, *argv], capture_output=True, text=True, check=False)


def test_without_the_clusters_name_it_does_not_start(kmsctl):
    result = kmsctl("operator", "run")
    assert result.code == 1
    assert "the cluster has no name" in result.err
    assert "KMSCTL_CLUSTER_NAME" in result.err


@pytest.mark.parametrize("missing", ["kopf", "aiohttp", "prometheus_client"])
def test_without_the_packages_of_the_operator_it_says_which_extra_to_install(missing):
    result = without(missing, *RUN)
    assert result.returncode == 1
    assert f"the Python module {missing} is missing" in result.stderr
    assert "pip install 'kmsctl[operator]'" in result.stderr


def test_a_module_that_the_extra_does_not_bring_is_not_blamed_on_it():
    result = without("cryptography", *RUN)
    assert result.returncode == 1
    assert "the Python module cryptography is missing" in result.stderr
    assert "kmsctl[operator]" not in result.stderr


def test_a_setting_that_is_empty_is_refused(kmsctl):
    result = kmsctl(*RUN, "--target", "")
    assert result.code == 1
    assert "the value is empty" in result.err


def test_help_of_the_operator_needs_none_of_its_packages():
    result = without("kopf,aiohttp,prometheus_client", "operator", "run", "--help")
    assert result.returncode == 0
    assert "--drift-interval TIME" in result.stdout


def test_a_run_without_a_cluster_says_so_and_ends(tmp_path):
    kubeconfig = tmp_path / "none"
    result = subprocess.run(
        [KMSCTL, *RUN, "--listen", "127.0.0.1:0"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"KUBECONFIG": str(kubeconfig), "HOME": str(tmp_path), "PATH": ""},
    )
    assert result.returncode == 1
    assert "the kubeconfig cannot be used" in result.stderr
