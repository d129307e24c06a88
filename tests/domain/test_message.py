"""What a learner may send as a message, and what is kept of it."""

import unicodedata

import pytest

from tutor.domain.message import readable
from tutor.errors import MessageEmpty, MessageNotText, MessageTooLong


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("  Why?\n", "Why?"),
        ("for i in x:\n\tprint(i)", "for i in x:\n\tprint(i)"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("a\x07\x1b[31mred\x7f", "a[31mred"),
        ("cafe\u0301", "café"),
        ("\ue000private", "private"),
        ("new emoji \U0001fae8", "new emoji \U0001fae8"),
        ("मैं लूप क्यों 👩‍👩‍👧", "मैं लूप क्यों 👩‍👩‍👧"),
        ("x \N{LEFT-TO-RIGHT MARK}= 1", "x \N{LEFT-TO-RIGHT MARK}= 1"),
    ],
)
def test_text_is_kept_as_it_was_meant(sent: str, kept: str) -> None:
    """Indentation, emoji or another script would be damaged, or a terminal's control codes stored."""
    assert readable(sent, limit=100) == kept


@pytest.mark.parametrize("sent", ["", " ", "\n\t \r\n", "\x01\x02\x1b", "\u2003\u00a0", "\ue000"])
def test_nothing_to_read_is_said(sent: str) -> None:
    """An empty turn would be stored and answered."""
    with pytest.raises(MessageEmpty):
        readable(sent, limit=100)


@pytest.mark.parametrize(
    "sent",
    ["a\x00b", "PK\x03\x04\x00\x00", b"\x89PNG\xff\xfe".decode("utf-8", "replace"), "half \ud83d pair"],
)
def test_a_file_is_recognised(sent: str) -> None:
    """A pasted picture would be sent to a model, or a lone surrogate would break the database."""
    with pytest.raises(MessageNotText):
        readable(sent, limit=100)


def test_the_limit_is_told() -> None:
    """A learner would not know how much to cut."""
    assert readable("x" * 8000, limit=8000) == "x" * 8000
    with pytest.raises(MessageTooLong) as caught:
        readable("x" * 8001, limit=8000)
    assert "up to 8000 characters" in caught.value.text
    assert str(caught.value) == "8001 characters"


def test_a_huge_message_is_refused_before_it_is_worked_on() -> None:
    """100 kB would be gone through sign by sign just to be refused."""
    with pytest.raises(MessageTooLong):
        readable("\x00" * 100_000, limit=8000)


def test_what_is_kept_can_be_stored() -> None:
    """A message that was accepted could fail in the database or in JSON."""
    for code in [*range(0x2FF), *range(0xD7F0, 0xE010), *range(0xFFF0, 0x10010), 0x10FFFF]:
        try:
            kept = readable(f"a{chr(code)}b", limit=10)
        except MessageNotText:
            continue
        assert kept.encode()
        assert unicodedata.is_normalized("NFC", kept)
        assert "\x00" not in kept
