import pytest

from reconciler.manifest.scalars import resolve


@pytest.mark.parametrize(
    "text", ["no", "yes", "on", "off", "y", "NO", "2026-11-22", "1:30", "1_000", "0b1", "<<", "=", "=x"]
)
def test_what_yaml_1_1_took_for_other_types_is_text(text):
    assert resolve(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("False", False),
        ("0", 0),
        ("-7", -7),
        ("+7", 7),
        ("007", 7),
        ("0o17", 15),
        ("0xfF", 255),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-1.", -1.0),
        ("nullable", "nullable"),
        ("true-ish", "true-ish"),
        ("-", "-"),
        ("1.2.3", "1.2.3"),
        ("0o8", "0o8"),
    ],
    ids=repr,
)
def test_the_core_schema_decides_what_an_unquoted_scalar_is(text, value):
    assert (resolve(text), type(resolve(text))) == (value, type(value))


@pytest.mark.parametrize("text", ["111122223333", "012345678901"])
def test_twelve_digits_are_an_account_id_and_keep_their_zeros(text):
    assert resolve(text) == text


@pytest.mark.parametrize(("text", "value"), [("11112222333", 11112222333), ("1111222233334", 1111222233334)])
def test_other_numbers_of_digits_are_numbers(text, value):
    assert resolve(text) == value


@pytest.mark.parametrize("text", [".inf", "-.INF", ".nan", "1e999", "9" * 5000, "0x" + "f" * 400])
def test_numbers_that_json_does_not_have_or_that_cost_too_much_stay_text(text):
    assert resolve(text) == text
