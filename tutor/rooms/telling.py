"""What a learner's page is told of the events of a turn."""

from tutor.domain import turn as events
from tutor.errors import Busy
from tutor.rooms import messages
from tutor.rooms.messages import Outgoing, timed
from tutor.rooms.speech import Speech


def told(speech: Speech, event: events.TurnEvent) -> Outgoing | None:
    """The message for an event; None where there is nothing to tell.

    Args:
        speech: Of the turn; its playback has followed the event already.
        event: The next one of the turn.
    """
    turn = speech.turn_id
    match event:
        case events.Heard(text=text, conversation_id=conversation):
            return messages.UserMessageEcho(
                turn_id=turn, text=text, conversation_id=conversation, via=speech.via
            )
        case events.Delta(text=text):
            return messages.Delta(turn_id=turn, text=text)
        case events.Restarted():
            return messages.Restarted(turn_id=turn)
        case events.Spoken():
            return _caption(speech, event)
        case events.Said():
            kept = event.model_dump(include={"message_id", "text", "rung", "note"})
            return messages.Said(turn_id=turn, sources=event.sources, **kept)
        case events.Declined(text=text, label=label):
            return messages.Declined(turn_id=turn, text=text, label=label)
        case events.Commanded(command=command, text=text, chapter=chapter):
            return messages.Commanded(turn_id=turn, command=command, text=text, chapter=chapter)
        case events.Waiting(text=text):
            return messages.Trouble(turn_id=turn, code=Busy.code, text=text)
        case events.Failed(code=code, text=text):
            return messages.Trouble(turn_id=turn, code=code, text=text)
        case events.Following():
            return None


def _caption(speech: Speech, spoken: events.Spoken) -> messages.Caption:
    return messages.Caption(
        turn_id=speech.turn_id,
        index=speech.playback.sentences - 1,
        at=round(speech.playback.seconds - spoken.seconds, 2),
        seconds=spoken.seconds,
        text=spoken.text,
        words=timed(spoken.text, spoken.seconds),
    )
