"""Messages as the chat shows them: HTML that acts is text."""

import pytest

from tutor.domain.chat import Author
from tutor.web.pages.chat import _bubble
from tutor.web.pages.harmless import as_written, harmless


@pytest.mark.parametrize(
    "html",
    [
        '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
        "<META http-equiv=refresh>",
        "<base href=//evil.example>",
        "</style><form action=//evil.example>",
        "<svg/onload=x>",
        "`<iframe srcdoc=x>`",
    ],
)
def test_elements_that_act_are_text(html: str) -> None:
    """An answer could lead the page away, or ask for a password in it."""
    shown = _bubble(Author.TEACHER, html)["content"]
    assert "<\u2060" in shown
    assert as_written(shown) == html


@pytest.mark.parametrize(
    "text", ["a <b and c> d", "<class 'int'>", "<small>guide</small>", "if x <y:", "<metal>"]
)
def test_the_rest_stays(text: str) -> None:
    """Comparisons in code would not run any more when they are copied."""
    assert harmless(text) == text
