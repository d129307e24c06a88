"""One tree of errors: a text for the learner, a code for the log, a status for the API."""

import re

import pytest

from tutor.errors import InvalidInput, TooManyTries, TutorError, status_of


def _kinds(kind: type[TutorError] = TutorError) -> list[type[TutorError]]:
    return [kind, *(below for child in kind.__subclasses__() for below in _kinds(child))]


KINDS = _kinds()


def test_codes_are_unique() -> None:
    """Two errors would look the same in the log, and one of them would get the other's HTTP status."""
    codes = [kind.code for kind in KINDS]
    assert not {code for code in codes if codes.count(code) > 1}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_every_error_speaks_to_the_learner(kind: type[TutorError]) -> None:
    """A learner would read a stack trace, a code, or nothing."""
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", kind.code)
    assert kind.text[0].isupper()
    assert kind.text.endswith(".")
    assert kind.code not in kind.text.split()
    assert 400 <= kind.status < 600
    assert status_of(kind.code) == kind.status


def test_an_unknown_code_is_our_fault() -> None:
    """An answer would be sent with the status of something else."""
    assert status_of("never heard of") == 500


def test_the_detail_is_for_the_log_and_the_text_for_the_learner() -> None:
    """A detail such as a path or a provider's words would be shown on the page."""
    error = InvalidInput("line 3 of /srv/secret")
    assert str(error) == "line 3 of /srv/secret"
    assert "secret" not in error.text
    assert str(InvalidInput()) == "invalid_input"
    assert InvalidInput(text="Shorter, please.").text == "Shorter, please."
    assert InvalidInput.text != "Shorter, please."


def test_a_throttle_says_for_how_long() -> None:
    """A client could not know when to try again."""
    assert TooManyTries("why", retry_after=12.5).retry_after == 12.5
