"""LiveKit's session around a teacher, in a room or in a terminal."""

from livekit.agents import AgentSession, inference

from tutor.rooms.agent import RoomTeacher
from tutor.rooms.ears import Mind
from tutor.rooms.turns import turn_handling


def session(teacher: RoomTeacher) -> AgentSession[None]:
    """Who speaks when is theirs, what is said is ours."""
    return AgentSession(
        stt=teacher.ears,
        llm=Mind(),
        vad=inference.VAD(),
        turn_handling=turn_handling(),
        tts_text_transforms=None,  # the pipeline's sentences are speakable as they are
        aec_warmup_duration=1.0,  # browsers cancel the echo within a second; three are LiveKit's default
        session_close_transcript_timeout=0.5,  # a room is only left when nobody is speaking
        user_away_timeout=None,  # reading a chapter in silence is what a learner is here for
    )
