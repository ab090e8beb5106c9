"""The page of presets is what the presets are."""

from tests.docs.presets import PAGE, rendered


def test_the_page_has_every_preset_as_it_is_and_python_m_tests_docs_presets_writes_it():
    assert PAGE.read_text(encoding="utf-8").endswith(rendered() + "\n")
