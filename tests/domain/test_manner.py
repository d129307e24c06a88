"""How a learner wants to be spoken to: the speeds that "slower" and "faster" walk along."""

from tutor.domain.manner import SPEEDS, Manner, stepped
from tutor.web.pages import voice_panel


def test_slower_and_faster_walk_along_the_speeds() -> None:
    """The command "slower" would jump, or a learner who says it often would get a pace that no voice has."""
    manner = Manner(voice="joe")
    assert stepped(manner, -1) == Manner(voice="joe", rate=0.9)
    assert stepped(manner, 1) == Manner(voice="joe", rate=1.15)
    assert stepped(manner, 0) == manner
    assert stepped(Manner(rate=0.8), -1).rate == 0.8
    assert stepped(Manner(rate=2.0), 1).rate == 1.3
    assert stepped(Manner(rate=0.95), -1).rate == 0.9


def test_rooms_and_the_page_have_the_same_speeds() -> None:
    """The command "slower" would mean one pace on the page and another in a room."""
    assert [float(speed) for speed, _ in voice_panel.SPEEDS] == list(SPEEDS)
