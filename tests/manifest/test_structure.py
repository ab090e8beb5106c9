"""The compiled predicate against jsonschema, which is the authority."""

import copy
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.kit.printable import printable
from reconciler.manifest.schemas import schema_of
from reconciler.manifest.structure import compile_schema, is_surely_valid, violations
from reconciler.manifest.wording import explain
from tests.manifest.test_schemas import NAMES

FULL_KEY = {
    "apiVersion": "kms.reconciler.dev/v1alpha1",
    "kind": "Key",
    "metadata": {"name": "a.b-c", "namespace": "n", "labels": {"a": "b"}, "annotations": {}},
    "spec": {
        "targetRef": {"name": "t"},
        "description": "d",
        "keySpec": "RSA_2048",
        "keyUsage": "SIGN_VERIFY",
        "aliases": ["a", "alias/b"],
        "policy": {"document": "{}", "accounts": ["111122223333"], "statements": [{"Sid": [1]}]},
        "rotation": {"manual": {"everyDays": 30, "keep": 2}},
        "tags": {"a": ""},
        "deletion": {"policy": "Schedule", "windowDays": 7, "protect": True},
        "adopt": {"tags": {"a": "b"}},
        "ignore": {"tags": ["x*"], "fields": ["policy"]},
        "replacement": "NewKey",
    },
}
SEEDS = {name: [FULL_KEY] if name == "key" else schema_of(name)["examples"] for name in NAMES}

values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 5000),
    st.floats(allow_nan=False),
    st.text(max_size=5),
    st.sampled_from(
        ["name\n", "111122223333", "x" * 300, "SYMMETRIC_DEFAULT", 7.0, [], {}, [1], [True, 1], {"a": 1}, ["a", "a"]]
    ),
)


@st.composite
def mutated(draw, seed):
    """A valid document with up to three things changed, added or removed."""
    document = copy.deepcopy(seed)
    for _ in range(draw(st.integers(0, 3))):
        node = document
        while True:
            children = [
                child for child in (node.values() if isinstance(node, dict) else node) if isinstance(child, dict | list)
            ]
            if not children or draw(st.booleans()):
                break
            node = draw(st.sampled_from(children))
        change(draw, node)
    return document


def change(draw, node):
    keys = list(node) if isinstance(node, dict) else list(range(len(node)))
    action = draw(st.sampled_from(["set", "remove", "add"]))
    if action == "add" and isinstance(node, dict):
        node[draw(st.text(max_size=3))] = copy.deepcopy(draw(values))
    elif action == "add":
        node.append(copy.deepcopy(draw(values)))
    elif keys and action == "remove":
        del node[draw(st.sampled_from(keys))]
    elif keys:
        node[draw(st.sampled_from(keys))] = copy.deepcopy(draw(values))


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_the_fast_predicate_and_jsonschema_agree_and_every_violation_has_words(name, data):
    document = data.draw(mutated(data.draw(st.sampled_from(SEEDS[name]))))
    found = list(violations(document, name))
    assert is_surely_valid(name)(document) is (not found)
    messages = [message for violation in found for _, _, message in explain(violation)]
    assert bool(messages) is bool(found)
    for message in messages:
        assert printable(message.what, limit=10_000) == message.what
        assert message.fix


@given(value=values)
def test_what_is_no_mapping_is_no_manifest(value):
    if not isinstance(value, dict):
        assert not is_surely_valid("key")(value)
        assert [violation.keyword for violation in violations(value, "key")] == ["type"]


@pytest.mark.parametrize(
    "schema",
    [{"type": "string", "format": "uri"}, {"type": "object", "properties": {}}],
    ids=["keyword", "open object"],
)
def test_a_schema_that_the_predicate_could_misread_is_refused(schema):
    with pytest.raises(ValueError, match="schema"):
        compile_schema(schema)


@pytest.mark.parametrize("value", [None, 1, "text", []], ids=repr)
@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {}, "additionalProperties": False},
        {"additionalProperties": {"type": "string"}},
        {"required": ["a"]},
        {"propertyNames": {"minLength": 1}},
    ],
    ids=lambda schema: next(iter(schema)),
)
def test_the_predicate_is_sure_of_no_value_of_another_type_than_a_keyword_is_about(schema, value):
    assert not compile_schema(schema)(value)


def test_valid_manifests_are_loaded_without_importing_jsonschema(tmp_path):
    file = tmp_path / "key.yaml"
    file.write_text("apiVersion: kms.reconciler.dev/v1alpha1\nkind: Key\nmetadata: {name: k}\nspec: {}\n")
    program = (
        "import sys\n"
        "from reconciler.manifest.load import load\n"
        "from reconciler.manifest.sources import read_sources\n"
        f"assert load(read_sources([{str(file)!r}], stdin=sys.stdin)).count == 1\n"
        "heavy = {'jsonschema', 'boto3', 'botocore', 'kopf', 'cryptography', 'rich'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
