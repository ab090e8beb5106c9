"""Our evaluator beside another one: where they differ, one of them is wrong, and it is written down which and why.

The other one's answers were recorded (`record/record.sh` asks again); nothing of it is needed here.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.policy.published.questions import digest, ours, questions

HERE = Path(__file__).parent
RECORDED = json.loads((HERE / "answers.json").read_text(encoding="utf-8"))
ANSWERS = {pin: answer for pin, answer, _ in RECORDED["answers"]}
DIFFERENCES = json.loads((HERE / "differences.json").read_text(encoding="utf-8"))
QUESTIONS = [question for question in questions() if digest(question) in ANSWERS]
"""Those that were asked as they are now."""


def test_most_questions_of_now_were_asked():
    assert len(QUESTIONS) > 700
    assert sum(question["page"] is not None for question in QUESTIONS) > 300


def test_it_is_known_what_was_asked_and_when():
    assert RECORDED["engine"] == "@cloud-copilot/iam-simulate"
    assert RECORDED["version"]
    assert RECORDED["date"]


def test_every_difference_is_explained_and_every_explanation_is_of_one():
    explained = {name: entry["ours"] for entry in DIFFERENCES for name in entry["questions"]}
    found = {
        question["name"]: "allowed" if ours(question) else "denied"
        for question in QUESTIONS
        if ours(question) is not (ANSWERS[digest(question)] == "Allowed")
    }
    assert found == explained


@pytest.mark.parametrize("entry", DIFFERENCES, ids=lambda entry: entry["questions"][0])
def test_an_explanation_says_why_and_names_the_page(entry):
    assert entry["why"].endswith(".")
    assert entry["page"].startswith("https://docs.aws.amazon.com/")


def test_both_ways_to_end_are_asked_for_often():
    allowed = sum(answer == "Allowed" for answer in ANSWERS.values())
    assert 0.2 < allowed / len(ANSWERS) < 0.8
