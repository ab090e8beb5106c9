import pytest

from reconciler.manifest.positions import elements, locate
from reconciler.manifest.yamltext import parse

TEXT = """\
spec:
  aliases:
    - one
    - two
  tags: {team: a,
    env: b}
  deep:
    - [x, {k: v}]
last: 1
"""


@pytest.mark.parametrize(
    ("path", "of_key", "place"),
    [
        ((), False, (1, 1)),
        (("spec",), True, (1, 1)),
        (("spec",), False, (2, 3)),
        (("spec", "aliases", 1), False, (4, 7)),
        (("spec", "tags", "env"), True, (6, 5)),
        (("spec", "tags", "env"), False, (6, 10)),
        (("spec", "deep", 0, 1, "k"), False, (8, 15)),
        (("last",), False, (9, 7)),
    ],
    ids=str,
)
def test_a_path_leads_to_the_place_of_a_value_or_of_its_key(path, of_key, place):
    tree = parse(TEXT, "f").trees[0]
    assert locate(tree.value, tree.marks, path, of_key=of_key) == place


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("spec", "nothing"), (2, 3)),
        (("spec", "aliases", 7), (3, 5)),
        (("last", "deeper"), (9, 7)),
        (("spec", "tags", 0), (5, 9)),
    ],
    ids=str,
)
def test_a_path_that_leaves_the_document_ends_at_the_last_value_on_it(path, place):
    tree = parse(TEXT, "f").trees[0]
    assert locate(tree.value, tree.marks, path) == place


def test_what_is_missing_from_a_mapping_is_told_at_the_key_of_the_mapping():
    tree = parse(TEXT, "f").trees[0]
    assert locate(tree.value, tree.marks, ("spec", "nothing"), of_key=True) == (1, 1)


def test_an_element_of_a_list_has_the_places_that_it_has_in_the_document():
    tree = parse("skipped: {a: b}\nitems: [x, {name: y}]\n", "f").trees[0]
    (text, first), (mapping, second) = elements(tree.value, tree.marks, "items")
    assert (text, mapping) == ("x", {"name": "y"})
    assert locate(text, first, ()) == (2, 9)
    assert locate(mapping, second, ("name",)) == (2, 19)
    assert list(elements({}, tree.marks, "items")) == []
