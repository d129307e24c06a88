"""When a learner has finished, and when they interrupt: LiveKit's turn handling, set up for a lesson."""

from livekit.agents import TurnHandlingOptions, inference


def turn_handling() -> TurnHandlingOptions:
    """The settings, each with its reason."""
    return TurnHandlingOptions(
        # By sound, on this machine. Their larger model runs in LiveKit's cloud, and would hear every learner.
        turn_detection=inference.TurnDetector(version="v1-mini"),
        endpointing={
            "mode": "dynamic",  # a learner who thinks between words gets longer pauses as the talk goes on
            "min_delay": 0.3,  # hearing takes longer than that on a CPU, so a shorter one would gain nothing
            "max_delay": 2.5,  # the model says that more is to come: somebody who looks for a word gets time
        },
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
        # Nothing is lost by it: the transcript comes once in a pause, after `min_delay`, when the turn is
        # mostly over anyway (bench/rooms.py measures it).
        preemptive_generation={"enabled": False},
    )
