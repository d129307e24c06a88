"""The banner tells the truth about who answers and whether voice works."""

import pytest

from tutor.services.mode import Mode, Readiness

OFF, LOADING, READY, FAILED = Readiness.OFF, Readiness.LOADING, Readiness.READY, Readiness.FAILED


@pytest.mark.parametrize(
    ("hears", "speaks", "says"),
    [
        (READY, READY, "You can speak, too."),
        (READY, OFF, "You can speak, too."),
        (OFF, READY, "Voice is off; you can type."),
        (OFF, OFF, "Voice is off; you can type."),
        (LOADING, READY, "Voice is getting ready."),
        (READY, LOADING, "Voice is getting ready."),
        (FAILED, READY, "Voice has a problem; you can type."),
        (LOADING, FAILED, "Voice has a problem; you can type."),
    ],
)
def test_voice(hears: Readiness, speaks: Readiness, says: str) -> None:
    """A learner would talk to a site that cannot hear, or never try one that can."""
    assert Mode(models=(), hears=hears, speaks=speaks).banner.endswith(says)


def test_who_answers() -> None:
    """Without a key the page would promise a model, and quotes would look like bad answers."""
    without = Mode(models=(), hears=READY, speaks=READY).banner
    assert without.startswith("No language model is connected: answers come from the text of this course.")
    with_one = Mode(models=("groq-large",), hears=READY, speaks=READY).banner
    assert with_one.startswith("A language model answers.")


def test_it_changes_while_models_load() -> None:
    """The page would say `getting ready` for ever."""
    mode = Mode(models=(), hears=LOADING, speaks=LOADING)
    mode.hears = mode.speaks = READY
    assert "You can speak" in mode.banner
