"""The learner chooses, within what the owner allows."""

import pytest

from tutor.domain.style import Style, allowed
from tutor.web.pages.place import place_of
from tutor.web.pages.style import style_html


@pytest.mark.parametrize(
    ("wanted", "styles", "gets"),
    [
        (None, tuple(Style), Style.GUIDE),
        (Style.ANSWER, tuple(Style), Style.ANSWER),
        (Style.ANSWER, (Style.EXPLAIN, Style.GUIDE), Style.EXPLAIN),
        (None, (Style.EXPLAIN,), Style.EXPLAIN),
    ],
)
def test_the_owner_limits_the_choice(wanted: Style | None, styles: tuple[Style, ...], gets: Style) -> None:
    """A page that somebody changed would get the plain answers that the owner does not want."""
    assert allowed(wanted, styles) is gets


def test_the_page_offers_what_is_allowed() -> None:
    """A learner would choose what is never followed, or from a list of one."""
    assert 'value="answer"' in style_html(tuple(Style))
    assert 'value="answer"' not in style_html((Style.GUIDE, Style.EXPLAIN))
    assert style_html((Style.GUIDE,)) == ""


def test_the_desk_tells_style_and_failing_check() -> None:
    """The teacher would take what a check says for an error of Python."""
    where = '{"conversation_id": "c", "course": "python-basics", "chapter": "loops"}'
    place = place_of(where, '{"cell_id": "x", "style": "explain", "error": "The check says: No."}')
    assert place.style is Style.EXPLAIN
    assert (place.work.error, place.work.failing_check) == ("", "No.")
    assert place_of(where, '{"cell_id": "x", "error": "NameError: x"}').work.error == "NameError: x"
