"""JSON Schemas as structural schemas."""

from __future__ import annotations

import pytest

from reconciler.controller.crds.structural import structural

NAME = {"type": "string", "description": "A name."}


@pytest.mark.parametrize(
    ("schema", "made"),
    [
        pytest.param(
            {"type": "string", "description": "One.", "default": "a", "examples": ["a", "b"], "maxLength": 3},
            {"description": "One. Default: a. For example a, b", "type": "string", "maxLength": 3},
            id="defaults and examples are told",
        ),
        pytest.param(
            {"type": "boolean", "description": "One.", "default": True},
            {"description": "One. Default: true.", "type": "boolean"},
            id="as JSON writes them",
        ),
        pytest.param(
            {"type": "array", "items": NAME, "uniqueItems": True},
            {"type": "array", "items": NAME, "x-kubernetes-list-type": "set"},
            id="what is unique is a set",
        ),
        pytest.param(
            {"type": "array", "items": NAME, "minItems": 1},
            {"type": "array", "items": NAME, "minItems": 1, "x-kubernetes-list-type": "atomic"},
            id="any other list is one value",
        ),
        pytest.param(
            {"type": "object", "properties": {"name": NAME}, "additionalProperties": False, "required": ["name"]},
            {"type": "object", "properties": {"name": NAME}, "required": ["name"], "x-kubernetes-map-type": "atomic"},
            id="a reference is one value",
        ),
        pytest.param(
            {"type": ["object", "string"], "x-kubernetes-preserve-unknown-fields": True},
            {"x-kubernetes-preserve-unknown-fields": True},
            id="one of two types is none",
        ),
        pytest.param(
            {"type": "string", "pattern": "^[0-9]{12}$"},
            {"type": "string", "pattern": "^[0-9]{12}$", "maxLength": 12},
            id="a pattern of digits has a length",
        ),
        pytest.param(
            {"type": "object", "additionalProperties": NAME, "propertyNames": {"minLength": 1, "maxLength": 9}},
            {
                "type": "object",
                "additionalProperties": NAME,
                "x-kubernetes-validations": [
                    {
                        "rule": "self.all(name, 1 <= size(name) && size(name) <= 9)",
                        "message": "a name here has 1 to 9 characters; use another name",
                    }
                ],
            },
            id="names of a mapping",
        ),
    ],
)
def test_a_schema_is_said_as_structural_schemas_say_it(schema, made):
    assert structural(schema) == made


@pytest.mark.parametrize(
    "schema",
    [
        {"minProperties": 1, "maxProperties": 1},
        {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
    ],
    ids=["at least and at most one", "one of"],
)
def test_fields_that_exclude_each_other_are_two_rules_with_words(schema):
    properties = {"a": NAME, "b": NAME}
    made = structural({"type": "object", "properties": properties, "additionalProperties": False, **schema})
    assert made == {
        "type": "object",
        "properties": properties,
        "x-kubernetes-validations": [
            {
                "rule": "has(self.a) || has(self.b)",
                "message": "it lacks one of `a`, `b`: exactly one is needed; add one",
            },
            {
                "rule": "[has(self.a), has(self.b)].filter(there, there).size() <= 1",
                "message": "it has more than one of `a`, `b`: they exclude each other; keep one of them",
            },
        ],
    }


def test_a_keyword_that_would_be_lost_is_refused():
    with pytest.raises(ValueError, match=r"\['multipleOf'\] are not known here"):
        structural({"type": "integer", "multipleOf": 2})
