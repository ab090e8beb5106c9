"""What can be said of the chart without helm; tests/e2e/delivery renders it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from reconciler import __version__
from reconciler.controller.settings import OPTIONS, Settings
from reconciler.kit.errors import KmsctlError
from tests.docs.pages import blocks
from tests.operator_delivery.files import BASE, CHART, DOCS, MONITORING, OPERATOR, documents

VALUES = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
SCHEMA = yaml.safe_load((CHART / "values.schema.json").read_text(encoding="utf-8"))
CARRIED = [
    *((path, CHART / "files" / "crds" / path.name) for path in sorted((OPERATOR / "crds").glob("*s.yaml"))),
    *((MONITORING / name, CHART / "files" / "monitoring" / name) for name in ("alerts.yaml", "dashboard.json")),
]


def names_of_other_charts(node, prefix=""):
    """What the schema refuses by its name, with the words in which it does."""
    for name, each in node.get("properties", {}).items():
        if "const" in each:
            yield prefix + name, each["const"]
        yield from names_of_other_charts(each, f"{prefix}{name}.")


OF_OTHER_CHARTS = dict(names_of_other_charts(SCHEMA))


def test_the_chart_has_the_version_of_the_package():
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    assert (chart["version"], chart["appVersion"]) == (__version__, __version__)


@pytest.mark.parametrize(("ours", "carried"), CARRIED, ids=lambda path: path.name)
def test_the_chart_carries_the_same_files(ours: Path, carried: Path):
    assert carried.read_bytes() == ours.read_bytes(), "run `make chart`"


def test_the_chart_carries_nothing_else():
    files = {path for path in (CHART / "files").rglob("*") if path.is_file()}
    assert files == {carried for _, carried in CARRIED}


def test_every_definition_is_carried():
    (index,) = documents(OPERATOR / "crds" / "kustomization.yaml")
    assert {path.name for path, _ in CARRIED if path.parent.name == "crds"} == set(index["resources"])


def test_the_schema_of_the_values_is_one():
    Draft7Validator.check_schema(SCHEMA)


def test_the_default_values_follow_the_schema():
    assert list(Draft7Validator(SCHEMA).iter_errors(VALUES)) == []


def test_every_value_is_in_the_schema_and_the_other_way_round():
    assert paths_of_values(VALUES) == paths_of_schema(SCHEMA) - {"global"}


def test_no_object_of_the_schema_takes_what_it_does_not_name():
    assert not [
        path for path, node in nodes(SCHEMA) if "properties" in node and node["additionalProperties"] is not False
    ]


@pytest.mark.parametrize(("path", "words"), OF_OTHER_CHARTS.items())
def test_a_name_that_other_charts_use_is_refused_with_the_name_that_it_has_here(path, words):
    names = [name.rstrip(",:") for name in words.removeprefix("here it is ").split()]
    assert [name for name in names if found(VALUES, name)], words
    (error,) = Draft7Validator(SCHEMA).iter_errors(nested(path.split("."), "any"))
    assert words in error.message


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"resources": {"limit": {"memory": "1Gi"}}}, id="a misspelt limit"),
        pytest.param({"extraEnv": [{"name": "A", "value": 1}]}, id="a variable that is a number"),
        pytest.param({"commonLabels": {"team": "a b"}}, id="a label that cannot be one"),
        pytest.param({"fullnameOverride": "KMS"}, id="a name in capitals"),
        pytest.param({"image": {"repository": "registry.example.com/kmsctl:1.0"}}, id="a repository with a tag"),
        pytest.param({"networkPolicy": {"dnsPorts": []}}, id="no port, which would mean all of them"),
    ],
)
def test_what_the_api_server_would_refuse_or_misread_is_refused_before(values):
    assert list(Draft7Validator(SCHEMA).iter_errors(values))


@pytest.mark.parametrize("repository", ["kmsctl", "localhost:5000/kmsctl", "a.example.com/team/kmsctl", "h:443/a/b"])
def test_a_repository_may_have_a_registry_with_a_port(repository):
    assert not list(Draft7Validator(SCHEMA).iter_errors({"image": {"repository": repository}}))


def test_every_value_of_the_first_level_is_explained():
    text = (CHART / "values.yaml").read_text(encoding="utf-8")
    blocks = text.split("\n\n")
    top = [(block, re.findall(r"^([a-zA-Z]+):", block, re.MULTILINE)) for block in blocks]
    plain = {"nameOverride", "fullnameOverride", "priorityClassName", "nodeSelector", "tolerations", "affinity"}
    plain |= {"podAnnotations", "podLabels", "resources", "livenessProbe", "readinessProbe", "podDisruptionBudget"}
    assert {name for block, names in top for name in names if "#" not in block} <= plain


def test_every_value_that_a_template_reads_exists():
    read = set()
    for template in (CHART / "templates").iterdir():
        read |= set(re.findall(r"\.Values\.([a-zA-Z.]+)", template.read_text(encoding="utf-8")))
    assert {path for path in read if not found(VALUES, path)} == set()


def test_every_setting_that_the_chart_makes_is_one_of_the_operator_s():
    text = (CHART / "templates" / "_environment.tpl").read_text(encoding="utf-8")
    made = set(re.findall(r"- name: (KMSCTL_[A-Z_]+)", text))
    assert made <= {option.variable for option in OPTIONS}


def test_the_operator_takes_the_settings_of_the_base_once_the_cluster_has_a_name():
    (deployment,) = documents(BASE / "deployment.yaml")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    variables = {each["name"]: each.get("value", "x") for each in container["env"]}
    with pytest.raises(KmsctlError, match="the cluster has no name"):
        Settings.from_environment(variables)
    settings = Settings.from_environment(variables | {"KMSCTL_CLUSTER_NAME": "test"})
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert (settings.listen.port, settings.target, settings.lease_name) == (ports["http"], "default", "kmsctl-operator")


@pytest.mark.parametrize("name", ["workers", "batch"])
def test_numbers_have_the_limits_of_the_settings(name):
    (option,) = [option for option in OPTIONS if option.name == name]
    limits = SCHEMA["properties"]["operator"]["properties"][name]
    for number in (limits["minimum"], limits["maximum"]):
        assert option.parse(str(number)) == number
    for number in (limits["minimum"] - 1, limits["maximum"] + 1):
        with pytest.raises(ValueError, match="no number"):
            option.parse(str(number))


@pytest.mark.parametrize("block", [b for page in DOCS.glob("*.md") for b in blocks(page) if b.label == "values.yaml"])
def test_the_values_of_the_pages_follow_the_schema(block):
    values = yaml.safe_load(block.text)
    assert list(Draft7Validator(SCHEMA).iter_errors(values)) == []
    assert values["clusterName"]
    assert values["image"]["repository"]


def nested(names, value):
    return {names[0]: nested(names[1:], value)} if names else value


def found(values, path):
    for name in path.split("."):
        if name not in values:
            return False
        values = values[name]
    return True


def paths_of_values(values, prefix=""):
    """The paths of all values; what is empty, or has names of its users' choosing, ends there."""
    paths = set()
    for name, value in values.items():
        paths.add(prefix + name)
        if isinstance(value, dict) and has_properties(prefix + name):
            paths |= paths_of_values(value, f"{prefix}{name}.")
    return paths


def has_properties(path):
    node = SCHEMA
    for name in path.split("."):
        node = node["properties"][name]
    return "properties" in node


def paths_of_schema(node, prefix=""):
    paths = set()
    for name, each in node.get("properties", {}).items():
        if "const" in each:
            continue  # how other charts call it
        paths |= {prefix + name} | paths_of_schema(each, f"{prefix}{name}.")
    return paths


def nodes(node, path=""):
    """Every schema of the schema."""
    yield path, node
    for name, each in node.get("properties", {}).items():
        yield from nodes(each, f"{path}/{name}")
    for name in ("items", "additionalProperties"):
        if isinstance(node.get(name), dict):
            yield from nodes(node[name], f"{path}/{name}")
