"""`--output` of every command that has it: what is on stdout is one document of that format; codes stay the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reconciler.kit.errors import EXIT_CHANGES, EXIT_DONE, EXIT_ERROR, EXIT_REFUSED
from tests.report.documents import annotations, junit, sarif
from tests.report.html.reading import read

KEY = """\
apiVersion: kms.reconciler.dev/v1alpha1
kind: Key
metadata: {name: orders}
spec:
  description: Orders
  aliases: [orders]
"""
READERS = {
    "json": json.loads,
    "html": read,
    "sarif": sarif,
    "junit": junit,
    "github": annotations,
    "markdown": str,
}
FORMATS = {
    ("plan", "-f", "keys.yaml"): ("json", "markdown", "html"),
    ("plan", "-f", "keys.yaml", "--rehearse"): ("json", "markdown", "html"),
    ("show",): ("json", "markdown", "html"),
    ("cost", "-f", "keys.yaml"): ("json", "markdown", "html"),
    ("access", "who", "orders", "-f", "keys.yaml"): ("json", "markdown", "html"),
    ("access", "diff", "-f", "keys.yaml"): ("json", "markdown", "html"),
    ("lint", "-f", "keys.yaml"): ("json", "html", "sarif", "junit", "github"),
    ("validate", "-f", "keys.yaml"): ("json", "sarif", "junit", "github"),
    ("drift", "-f", "keys.yaml"): ("json", "markdown", "html", "sarif", "junit", "github"),
}


@pytest.fixture
def applied(kmsctl):
    """The command line in a folder with a key that was applied."""
    Path("keys.yaml").write_text(KEY, encoding="utf-8")
    assert kmsctl("apply", "-f", "keys.yaml", "-y").code == EXIT_DONE
    return kmsctl


def test_every_command_prints_one_document_of_each_of_its_formats(applied):
    for command, formats in FORMATS.items():
        for name in formats:
            result = applied(*command, "--output", name)
            assert (result.code, result.err) == (EXIT_DONE, ""), (command, name)
            READERS[name](result.out)


@pytest.mark.parametrize("name", ["text", *FORMATS["drift", "-f", "keys.yaml"]])
def test_drift_ends_with_2_in_every_format(applied, name):
    Path("keys.yaml").write_text(KEY.replace("Orders", "All orders"), encoding="utf-8")
    result = applied("drift", "-f", "keys.yaml", "--output", name)
    assert result.code == EXIT_CHANGES
    assert "All orders" in result.out


def test_drift_stands_at_its_line(applied):
    Path("keys.yaml").write_text(f"---\n---\n{KEY.replace('Orders', 'All orders')}", encoding="utf-8")
    (result,) = sarif(applied("drift", "-f", "keys.yaml", "--output", "sarif").out)["results"]
    physical = result["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"] == {"uri": "keys.yaml", "uriBaseId": "%SRCROOT%"}
    ((_, properties, _),) = annotations(applied("drift", "-f", "keys.yaml", "--output", "github").out)
    assert properties["line"] == str(physical["region"]["startLine"]) == "3"


def test_keys_that_nobody_manages_are_notes(applied):
    applied("local", "call", "create-key", '{"Description": "made by hand"}')
    result = applied("drift", "-f", "keys.yaml", "--unmanaged", "--output", "sarif")
    assert result.code == EXIT_DONE
    (found,) = sarif(result.out)["results"]
    assert (found["level"], found["ruleId"]) == ("note", "drift-unmanaged")


@pytest.mark.parametrize("name", ["json", "sarif", "junit", "github"])
def test_what_is_wrong_with_manifests_is_the_result_in_every_format(kmsctl, name):
    Path("keys.yaml").write_text(KEY + "  alias: orders\n", encoding="utf-8")
    result = kmsctl("validate", "-f", "keys.yaml", "--output", name)
    assert (result.code, result.err) == (EXIT_ERROR, "")
    READERS[name](result.out)
    assert "unknown-field" in result.out


@pytest.mark.parametrize("name", ["sarif", "junit", "github"])
def test_an_error_without_a_place_is_the_result_of_validate_too(kmsctl, name):
    result = kmsctl("validate", "--output", name)
    assert (result.code, result.err) == (EXIT_ERROR, "")
    READERS[name](result.out)
    assert "no manifests are given" in result.out


def test_a_question_about_access_is_answered_on_a_page(applied):
    result = applied("access", "can", "role/nobody", "Decrypt", "orders", "--output", "html")
    assert result.code in (EXIT_CHANGES, EXIT_REFUSED)
    assert "role/nobody" in read(result.out).body
