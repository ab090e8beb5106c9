import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reconciler.manifest import yamltext
from reconciler.manifest.decoding import check_characters
from reconciler.manifest.limits import MAX_DEPTH
from reconciler.manifest.positions import locate
from reconciler.manifest.yamltext import parse

LOADERS = [pytest.param(yaml.SafeLoader, id="pure")]
if hasattr(yaml, "CSafeLoader"):
    LOADERS.append(pytest.param(yaml.CSafeLoader, id="libyaml"))


@pytest.fixture(params=LOADERS)
def read(request):
    """`parse` with each of PyYAML's parsers."""
    return lambda text: parse(text, "f.yaml", loader=request.param)


def names(parsed):
    return [fault.name for fault in parsed.faults]


def test_a_file_holds_several_documents_and_empty_ones_are_left_out(read):
    parsed = read("a: 1\n---\n# only a comment\n---\nb: 2\n---\nnull\n")
    assert [tree.value for tree in parsed.trees] == [{"a": 1}, {"b": 2}]
    assert parsed.faults == []


def test_quoted_scalars_are_text_whatever_they_look_like(read):
    assert read("""[ "1", '~', "true", ! 7, !!str no, | ]""".replace(", | ]", "]")).trees[0].value == [
        "1", "~", "true", "7", "no"
    ]  # fmt: skip


def test_the_tags_of_the_core_schema_are_understood(read):
    value = (
        read("{a: !!int '7', b: !!float '1', c: !!bool true, d: !!null '', e: !!map {}, f: !!seq []}").trees[0].value
    )
    assert value == {"a": 7, "b": 1, "c": True, "d": None, "e": {}, "f": []}


@pytest.mark.parametrize(
    "text",
    [
        "a: !Ref x",
        "a: !!python/object:os.system x",
        "a: !!int x",
        "a: !!int true",
        "a: !!set {x}",
        "!!seq {}",
        "a: !!binary aGk=",
    ],
)
def test_other_tags_are_refused_and_make_nothing(read, text):
    parsed = read(text)
    assert names(parsed) == ["unknown-tag"]
    assert not parsed.trees[0].sound


def test_keys_are_text_whatever_type_they_would_have(read):
    assert read("{1: a, true: b, 012345678901: c, 2026-01-01: d}").trees[0].value == {
        "1": "a", "true": "b", "012345678901": "c", "2026-01-01": "d"
    }  # fmt: skip


def test_of_a_duplicate_key_the_first_value_is_kept_and_every_repetition_reported(read):
    parsed = read("a: 1\nb: {a: 1}\na: {x: [1, 2]}\nc: 3\na: 4\n")
    assert parsed.trees[0].value == {"a": 1, "b": {"a": 1}, "c": 3}
    assert [(fault.name, fault.position.line) for fault in parsed.faults] == [
        ("duplicate-yaml-key", 3),
        ("duplicate-yaml-key", 5),
    ]
    assert parsed.trees[0].sound
    assert locate(parsed.trees[0].value, parsed.trees[0].marks, ("c",)) == (4, 4)


def test_an_alias_repeats_its_anchor_and_stands_at_its_own_place(read):
    tree = read("base: &b {x: [1, 2]}\nagain: *b\nkey: &k text\n*k : value\n").trees[0]
    assert tree.value["again"] == {"x": [1, 2]}
    assert locate(tree.value, tree.marks, ("again",)) == (2, 8)
    assert locate(tree.value, tree.marks, ("again", "x", 1)) == (1, 18)


def test_a_key_can_be_an_anchor(read):
    tree = read("&k name: 1\nother: *k\n").trees[0]
    assert tree.value == {"name": 1, "other": "name"}


@pytest.mark.parametrize(
    "text", ["a: *b", "a: &a [*a]", "a: &a x\n---\nb: *a\n"], ids=["none", "itself", "other document"]
)
def test_an_alias_without_an_anchor_before_it_is_refused(read, text):
    assert names(read(text)) == ["undefined-alias"]


@pytest.mark.parametrize("text", ["? [a]\n: b", "? {a: b}\n: c", "a: &a k\n*a : b"])
def test_keys_that_are_no_plain_text_are_refused(read, text):
    assert names(read(text)) == ["complex-yaml-key"]


def test_merge_keys_are_refused_and_a_quoted_one_is_a_key_like_any_other(read):
    assert names(read("a: &a {x: 1}\nb: {<<: *a}")) == ["merge-key"]
    assert read("{'<<': 1}").trees[0].value == {"<<": 1}


def test_a_billion_laughs_are_not_laughed(read):
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 30)
    )
    assert names(read(text)) == ["alias-bomb"]


def test_a_long_text_cannot_be_multiplied_by_aliases(read):
    assert names(read("a: &a " + "x" * 50_000 + "\nb: [" + ", ".join(["*a"] * 100) + "]\n")) == ["alias-bomb"]


def test_a_document_with_too_many_values_is_refused_as_document_too_large(read, monkeypatch):
    monkeypatch.setattr(yamltext, "MAX_NODES", 1000)
    assert names(read("[" + "1," * 990 + "]")) == []
    assert names(read("[" + "1," * 1010 + "]")) == ["document-too-large"]


@pytest.mark.parametrize("unit", ["[", "{a: ", "- ", "? "], ids=["flow list", "flow mapping", "block list", "keys"])
def test_nesting_without_end_is_refused_before_it_exhausts_anything(read, unit):
    assert names(read(unit * 20_000)) == ["nesting-too-deep"]


def test_nesting_up_to_the_limit_is_read(read):
    assert names(read("[" * MAX_DEPTH + "]" * MAX_DEPTH)) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [("a:\n\tb: 1\n", (2, 1)), ("a:\n  - x\n\t- y\n", (3, 1)), ("\ta: 1\n", (1, 1))],
    ids=["mapping", "list", "top"],
)
def test_a_tab_in_the_indentation_is_named_and_pointed_at(read, text, place):
    (fault,) = read(text).faults
    assert (fault.name, (fault.position.line, fault.position.column)) == ("tab-indentation", place)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("a: b: c", "quotes"),
        ("a: [1, 2", "bracket"),
        ("a: 'x", "close"),
        ("a: @x", "quotes"),
        ('a: "\\q"', "backslash"),
        ('a: "\\ud83d\\ude00"', "eight digits"),
        ("a: !x!y z", "quotes"),
        ("a: 1\n b: 2\n", "indentation"),
        ("a: 1\n...\nb: 2\n%", ""),
    ],
)
def test_text_that_is_not_yaml_gets_a_hint(read, text, hint):
    (fault,) = read(text).faults
    assert fault.name == "invalid-yaml"
    assert hint in fault.fix


def test_documents_before_a_fault_of_syntax_are_kept(read):
    parsed = read("a: 1\n---\nb: [\n")
    assert [tree.value for tree in parsed.trees] == [{"a": 1}]
    assert names(parsed) == ["invalid-yaml"]


def test_columns_count_characters_beyond_the_basic_plane_as_one(read):
    (fault,) = read("'\U0001f511\U0001f511': !x y").faults
    assert fault.position.column == 7


def test_both_parsers_agree_on_events_that_do_not_come(read):
    assert read("").trees == []
    assert read("# nothing\n").trees == []


json_like = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.text(st.characters(codec="ascii", exclude_categories=["Cc"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abcxyz", min_size=1, max_size=4), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(json_like)
def test_whatever_json_can_say_is_read_back_the_same(value):
    parsed = parse(json.dumps(value), "f")  # JSON is YAML 1.2; PyYAML writes 1.1, to which 0E0 is a text
    assert parsed.faults == []
    assert [tree.value for tree in parsed.trees] == ([] if value is None else [value])


@given(json_like)
def test_every_value_has_a_position_inside_the_text(value):
    text = yaml.safe_dump({"root": value})
    tree = parse(text, "f").trees[0]
    lines = text.splitlines()
    for path in paths(tree.value):
        line, column = locate(tree.value, tree.marks, path)
        assert 1 <= line <= len(lines) + 1
        assert 1 <= column <= max(map(len, lines)) + 1
    assert len(tree.marks) == 2 * count(tree.value)


def paths(value, here=()):
    yield here
    if isinstance(value, dict):
        for key, child in value.items():
            yield from paths(child, (*here, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from paths(child, (*here, index))


def count(value):
    if isinstance(value, dict):
        return 1 + sum(1 + count(child) for child in value.values())
    return 1 + sum(map(count, value)) if isinstance(value, list) else 1


@pytest.mark.parametrize("loader", LOADERS)
@given(text=st.text(max_size=40))
def test_no_character_that_is_let_through_makes_the_reader_fail(loader, text):
    if isinstance(check_characters(text, "f"), str):
        parse(text, "f", loader=loader)
        parse(f"'{text}'", "f", loader=loader)


@given(st.text(st.sampled_from("ab:-?[]{}&*!|>'\"%@#, \n\t~<"), max_size=60))
def test_no_text_makes_the_reader_fail_in_another_way_than_by_diagnostics(text):
    for tree in parse(text, "f").trees:
        assert len(tree.marks) >= 2


def test_only_a_fault_in_a_line_of_a_template_is_put_down_to_the_template():
    (fault,) = parse("a: '{{ .Values.a }}'\nb: [\n", "keys.yaml").faults
    assert "helm" not in fault.fix
