"""What the operator may do in the cluster and what the page says of it are the same.

The roles are those of kustomize; tests/e2e/delivery holds the chart's to them.
"""

from __future__ import annotations

import re

from tests.docs.pages import tables
from tests.operator_delivery.files import BASE, DOCS, rules

PAGE = DOCS / "security.md"
CODE = re.compile(r"`([^`]+)`")
OPTIONAL = "secrets"


def documented() -> set[tuple[str, str, str]]:
    """Verb, resource and name of every row of the page's table; a row may have several verbs and resources."""
    (table,) = [table for table in tables(PAGE) if table[0][:2] == ("verbs", "resources")]
    found = set()
    for verbs, resources, *_ in table[1:]:
        for verb in CODE.findall(verbs):
            for resource in CODE.findall(resources):
                name = "kmsctl-operator" if "leases" in resource and verb != "create" else ""
                found.add((verb, resource, name))
    return found


def test_the_page_tells_every_right_and_no_other():
    ours = {(verb, resource, name) for verb, resource, name in rules(BASE / "rbac.yaml")}
    assert {row for row in documented() if row[1] != OPTIONAL} == ours


def test_secrets_are_not_read_unless_they_are_named():
    assert not [rule for rule in rules(BASE / "rbac.yaml") if rule[1].startswith("secrets")]
    assert ("get", OPTIONAL, "") in documented()


def test_people_get_rights_on_what_lives_in_namespaces_and_never_on_status():
    allowed = set(rules(BASE / "aggregate.yaml"))
    assert not [rule for rule in allowed if "/" in rule[1] or rule[1].startswith("targets")]
