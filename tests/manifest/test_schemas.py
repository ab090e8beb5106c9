import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from reconciler.manifest import schemas
from reconciler.manifest.documents import ManifestKind
from reconciler.manifest.limits import MAX_ALIASES_OF_KEY, MAX_TAGS_OF_KEY
from reconciler.manifest.schemas import API_VERSION, schema_folder, schema_of
from reconciler.manifest.structure import violations
from reconciler.model.desired import (
    MAX_PERIOD,
    MAX_WINDOW,
    MIN_PERIOD,
    MIN_WINDOW,
    AutomaticRotation,
    Deletion,
    DesiredKey,
)
from reconciler.model.keyspec import KeySpec, KeyUsage, Origin

FOLDER = schema_folder()
KINDS = [kind.lower() for kind in ManifestKind]
NAMES = [*KINDS, "config"]


def nodes(schema, path=()):
    """Every part of a schema that describes a value, with its path."""
    yield path, schema
    for name, child in schema.get("properties", {}).items():
        yield from nodes(child, (*path, name))
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            yield from nodes(schema[keyword], (*path, keyword))


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.json")), ids=lambda file: file.name)
def test_each_schema_is_json_schema_2020_12(file):
    schema = json.loads(file.read_text(encoding="utf-8"))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", NAMES)
def test_every_field_has_a_type_and_a_purpose_and_refuses_fields_that_nobody_knows(name):
    for path, schema in nodes(schema_of(name)):
        assert "type" in schema, path
        assert "$ref" not in schema, path
        if path and path[-1] != "additionalProperties":
            assert schema.get("description", "").endswith("."), path
        if "properties" in schema:
            assert schema["additionalProperties"] is False, path
            assert set(schema.get("required", ())) <= set(schema["properties"]), path


@pytest.mark.parametrize("name", NAMES)
def test_types_stand_at_the_fields_and_never_inside_alternatives_as_crds_demand(name):
    for path, schema in nodes(schema_of(name)):
        for alternative in schema.get("oneOf", ()):
            assert set(alternative) == {"required"}, path
        assert not {"anyOf", "allOf", "not", "if"} & set(schema), path
        if isinstance(schema["type"], list):
            assert schema["x-kubernetes-preserve-unknown-fields"] is True, path


@pytest.mark.parametrize("name", NAMES)
def test_patterns_mean_the_same_to_python_to_go_and_to_javascript(name):
    for path, schema in nodes(schema_of(name)):
        pattern = schema.get("pattern")
        if pattern:
            assert pattern.startswith("^"), path
            assert pattern.endswith("$"), path
            assert not re.search(r"\(\?|\\[bBdDwWsSpPzZA]", pattern), path
            re.compile(pattern)


@pytest.mark.parametrize("name", NAMES)
def test_examples_and_defaults_match_their_own_schema(name):
    for path, schema in nodes(schema_of(name)):
        for value in [*schema.get("examples", ()), *([schema["default"]] if "default" in schema else ())]:
            assert list(Draft202012Validator(schema).iter_errors(value)) == [], path


@pytest.mark.parametrize("kind", ManifestKind)
def test_every_kind_has_an_example_that_is_valid(kind):
    (example,) = schema_of(kind.lower())["examples"]
    assert (example["apiVersion"], example["kind"]) == (API_VERSION, kind)
    assert list(violations(example, kind.lower())) == []


def test_the_editors_schema_leads_to_the_schema_of_each_kind():
    editor = json.loads((FOLDER / "kmsctl.schema.json").read_text(encoding="utf-8"))
    assert editor["properties"]["kind"]["enum"] == list(ManifestKind)
    for kind, rule in zip(ManifestKind, editor["allOf"], strict=True):
        assert rule["if"]["properties"]["kind"]["const"] == kind
        assert rule["then"]["$ref"] == f"{kind.lower()}.schema.json"
    whole = Draft202012Validator(schema_of("kmsctl"))
    example = schema_of("grant")["examples"][0]
    assert whole.is_valid(example)
    assert not whole.is_valid({**example, "spec": {"operations": ["Sing"]}})


def test_the_schema_of_a_key_says_the_same_as_the_model():
    spec = schema_of("key")["properties"]["spec"]["properties"]
    period = spec["rotation"]["properties"]["automatic"]["properties"]["periodDays"]
    window = spec["deletion"]["properties"]["windowDays"]
    assert spec["keySpec"]["enum"] == list(KeySpec)
    assert spec["keyUsage"]["enum"] == list(KeyUsage)
    assert spec["origin"]["enum"] == list(Origin)
    assert (period["minimum"], period["maximum"], period["default"]) == (
        MIN_PERIOD,
        MAX_PERIOD,
        AutomaticRotation().period,
    )
    assert (window["minimum"], window["maximum"], window["default"]) == (MIN_WINDOW, MAX_WINDOW, Deletion().window)
    assert spec["deletion"]["properties"]["policy"]["default"] == Deletion().policy
    assert spec["replacement"]["default"] == DesiredKey.__dataclass_fields__["replacement"].default
    assert spec["tags"]["maxProperties"] == MAX_TAGS_OF_KEY == 43
    assert spec["aliases"]["maxItems"] == MAX_ALIASES_OF_KEY


def test_schemas_are_found_in_the_package_when_it_was_installed_from_a_wheel(tmp_path, monkeypatch):
    (tmp_path / "reconciler" / "schemas").mkdir(parents=True)
    (tmp_path / "reconciler" / "schemas" / "kmsctl.schema.json").write_text("{}")
    monkeypatch.setattr(schemas.reconciler, "__file__", str(tmp_path / "reconciler" / "__init__.py"))
    assert schema_folder() == tmp_path / "reconciler" / "schemas"


def test_an_installation_without_schemas_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(schemas.reconciler, "__file__", str(tmp_path / "reconciler" / "__init__.py"))
    with pytest.raises(FileNotFoundError, match="missing from this installation"):
        schema_folder()


def test_the_grant_operations_are_those_of_the_kms_api():
    import botocore.session

    shapes = botocore.session.get_session().get_service_model("kms")
    operations = schema_of("grant")["properties"]["spec"]["properties"]["operations"]["items"]["enum"]
    assert sorted(operations) == sorted(shapes.shape_for("GrantOperation").enum)
    assert operations == sorted(operations)
    assert set(KeySpec) == set(shapes.shape_for("KeySpec").enum)
    assert Path(FOLDER).is_dir()
