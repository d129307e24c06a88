"""When a learner has finished, and when they interrupt: LiveKit's turn handling, set up for a lesson."""

from livekit.agents import EndpointingOptions, TurnHandlingOptions, inference

from tutor.domain.utterance import patience

_SURE, _UNSURE = 0.5, 0.0
"""LiveKit's model tells only that it sounds like an end, not how surely: a comma still means more to come."""


def endpointing(text: str | None) -> EndpointingOptions:
    """How long a pause is the end of a turn: the rule of the lesson page, by the words before the pause.

    LiveKit's model hears whether it sounds like an end. Alone it takes many questions for unfinished, and
    it would send a turn off before its last words are known.

    Args:
        text: What was said before the pause; None while it is not known.
    """
    return {
        "mode": "fixed",
        "min_delay": patience(_SURE, text),
        "max_delay": patience(_UNSURE, text),
    }


def turn_handling() -> TurnHandlingOptions:
    """The settings, each with its reason."""
    return TurnHandlingOptions(
        # By sound, on this machine. Their larger model runs in LiveKit's cloud, and would hear every learner.
        turn_detection=inference.TurnDetector(version="v1-mini"),
        endpointing=endpointing(None),  # until the first words
        interruption={
            "enabled": True,
            "mode": "vad",  # the adaptive mode asks LiveKit's cloud
            "min_duration": 0.4,  # shorter than "stop", longer than a click of the mouse
            "min_words": 0,  # words would have to be heard first: half a second in which the teacher talks on
            # A cough stops the voice; where no words were in it, the voice goes on where it was.
            "resume_false_interruption": True,
            "false_interruption_timeout": 1.5,
        },
        # Off. A turn is stored, guarded and paid for when it begins, and one that is guessed at may be none.
        # Little is lost by it: the transcript comes once in a pause, when the turn is mostly over anyway
        # (bench/rooms.py measures it).
        preemptive_generation={"enabled": False},
    )
