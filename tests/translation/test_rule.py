"""The rule with an engine that answers from a list and remembers what it was asked."""

import pytest

from rules.translation import (
    EngineAnswer,
    Reason,
    Translation,
    TranslationRequest,
    is_usable_key,
    read_codes,
    translate,
)
from rules.variables import Variables
from tests.rows import each


class Engine:
    """Answers in turn with what it was given, else with an echo."""

    name = "google"

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def translate(self, texts, source, target, deadline):
        self.asked.append((list(texts), source, target))
        assert deadline == 5.0
        if self.answers:
            return self.answers.pop(0)
        return EngineAnswer(tuple(f"[{target}] {text}" for text in texts), "en")


def ask(engine, text, source="", target="Hindi", **more):
    return translate(TranslationRequest(text, source, target, **more), engine=engine, deadline=5.0)


def test_t1_text_goes_as_it_came():
    engine = Engine()
    assert ask(engine, "  It's 5 < 6\n", "en", "HI-in").text == "[hi]   It's 5 < 6\n"
    assert engine.asked == [(["  It's 5 < 6\n"], "en", "hi")]


@each(
    ("text", "source", "target", "why"),
    [
        ("", "en", "hi", "empty"),
        (" \n\u00a0", "en", "hi", "blank is missing"),
        ("x" * 5001, "en", "hi", "too long"),
        ("x", "en", "RAJASTHANI", "no code, no neighbour"),
        ("x", "MARWARI", "hi", "the same for the source"),
        ("x", "en", "hn", "no such code"),
        ("x", "en", "auto", "auto is no target"),
        ("12", "en", "hn", "an unknown language even where no call is needed"),
    ],
)
def test_t4_invalid_request_is_never_sent(text, source, target, why):
    engine = Engine()
    found = ask(engine, text, source, target)
    assert found == Translation("", reason=Reason.INVALID_REQUEST), why
    assert engine.asked == []


def test_t4_five_thousand_code_points_pass():
    assert ask(Engine(), "ज" * 5000).reason is None


@each(
    ("text", "source", "target", "why"),
    [
        ("Hello", "Hindi", "hi", "the same language in two spellings"),
        ("Hello", "kok", "Konkani", "two codes of one language"),
        ("98480 12345", "", "hi", "no letter"),
        ("५, !", "en", "hi", "digits of any script are no letters"),
        ("$flow.key.name: {x}", "", "hi", "letters only where nothing is translated"),
    ],
)
def test_t5_no_call_needed(text, source, target, why):
    engine = Engine()
    assert ask(engine, text, source, target) == Translation(text), why
    assert engine.asked == []


@pytest.mark.parametrize(("source", "detected"), [("", "en"), ("AUTO", "en"), ("en", None)])
def test_t3_detected_only_where_none_was_given(source, detected):
    assert ask(Engine(), "x", source).detected == detected


def test_t3_nothing_detected():
    assert ask(Engine(EngineAnswer(("y",))), "x").detected is None


def test_t4_failure_of_the_engine_is_handed_on():
    found = ask(Engine(EngineAnswer(reason=Reason.TIMEOUT)), "x")
    assert found == Translation("", engine="google", reason=Reason.TIMEOUT)


def test_t4_nothing_sent_is_no_engine():
    answer = EngineAnswer(reason=Reason.QUOTA_EXCEEDED, sent=False)
    assert ask(Engine(answer), "x").engine == "none"


def test_placeholders_survive_in_one_call():
    engine = Engine(EngineAnswer(("नमस्ते [[०]], [[ 1 ]] पर भुगतान करें",)))
    found = ask(engine, "Hello $flow.key.name, pay at https://go.example/a1")
    assert found.text == "नमस्ते $flow.key.name, https://go.example/a1 पर भुगतान करें"
    assert engine.asked == [(["Hello [[0]], pay at [[1]]"], None, "hi")]


def test_placeholders_go_piece_by_piece_when_a_mark_is_lost():
    engine = Engine(EngineAnswer(("प्रिय!",), "en"), EngineAnswer(("प्रिय ",)))
    found = ask(engine, "Dear {name}!")
    assert (found.text, found.detected) == ("प्रिय {name}!", "en")
    assert [texts for texts, *_ in engine.asked] == [["Dear [[0]]!"], ["Dear "]]


def test_placeholders_beside_a_text_that_looks_like_a_mark():
    engine = Engine()
    found = ask(engine, "see [[1]] and {x} too")
    assert engine.asked[0][0] == ["see [[1]] and ", " too"]
    assert found.text == "[hi] see [[1]] and {x} [hi]  too"
    assert (found.detected, found.engine) == ("en", "google")


def test_placeholders_second_call_may_fail():
    engine = Engine(EngineAnswer(("lost",)), EngineAnswer(reason=Reason.SERVER_ERROR))
    assert ask(engine, "Dear {name}!").reason is Reason.SERVER_ERROR


def test_placeholders_names_the_flow_sent_are_known():
    engine = Engine()
    sent = Variables([("$flow.key.customer-name", "Asha")])
    ask(engine, "Dear $flow.key.customer-name", variables=sent)
    assert engine.asked[0][0] == ["Dear [[0]]"]


def test_text_without_placeholders_may_hold_a_mark():
    engine = Engine()
    assert ask(engine, "see [[0]]").text == "[hi] see [[0]]"


@each(
    ("key", "usable"),
    [
        ("AIzaMadeUp-_09", True),
        ("k" * 200, True),
        ("k" * 201, False),
        ("a b", False),
        ("a\tb", False),
        ("a\nX-Other: 1", False),
        ("a\x7f", False),
        ("a\u00a0b", False),
        ("schlüssel", True),
    ],
)
def test_t1_key_text(key, usable):
    assert is_usable_key(key) is usable


def test_codes_may_be_handed_in():
    request = TranslationRequest("x", "", "raj")
    assert translate(request, engine=Engine(), codes=read_codes()).reason == "INVALID_REQUEST"
    assert "x" not in repr(request).replace("TranslationRequest", "")
