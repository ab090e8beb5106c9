"""Reading back reports of findings: SARIF by the standard's schema, JUnit as XML, annotations as GitHub reads them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from jsonschema import Draft4Validator

_SARIF = Draft4Validator(json.loads((Path(__file__).parent / "sarif" / "sarif-2.1.0.json").read_text("utf-8")))


def sarif(text: str) -> Any:
    """The one run of a log, which is valid, has a rule for every result, and a place that GitHub takes."""
    log = json.loads(text)
    _SARIF.validate(log)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        (location,) = result["locations"]
        assert location["physicalLocation"]["artifactLocation"]["uri"]
        assert location["physicalLocation"]["region"]["startLine"] >= 1
    prints = [json.dumps(result["partialFingerprints"]) for result in run["results"]]
    assert len(set(prints)) == len(prints)
    return run


def junit(text: str) -> ET.Element:
    """The one suite of a document, in which no two tests have one name."""
    suite = ET.fromstring(text.encode()).find("testsuite")
    assert suite is not None
    names = [case.get("name") for case in suite.findall("testcase")]
    assert len(set(names)) == len(names)
    return suite


def annotations(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Command, properties and message of every line, each of which is a command."""
    read = []
    for line in text.splitlines():
        told = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line)
        assert told
        properties = dict(pair.split("=", 1) for pair in told[2].split(","))
        read.append((told[1], {name: unquote(value) for name, value in properties.items()}, unquote(told[3])))
    return read
