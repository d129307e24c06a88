"""Typed text, hidden instructions and all else on the data channel, through a real server and worker."""

from pathlib import Path

from tests.rooms.conftest import School


async def test_typed_question_is_answered_and_stored(quiet_school: School, tmp_path: Path) -> None:
    """A question typed in a room would get no answer, or be missing in the page's history."""
    with quiet_school.worker(tmp_path):
        ada = await quiet_school.learner()
        talk = await quiet_school.conversation(ada)
        async with quiet_school.visit(ada, talk) as visitor:
            await visitor.wait_for("ready")
            await visitor.send(type="user_message", text="What is a while loop?")
            echo = await visitor.wait_for("user_message_echo")
            said = await visitor.wait_for("said")
            assert (echo["text"], echo["conversation_id"]) == ("What is a while loop?", talk.id)
            assert "".join(m["text"] for m in visitor.told if m["type"] == "delta").strip() == said["text"]
        stored = await quiet_school.services.turns.messages(ada.id, talk.id)
        assert [message.text for message in stored] == ["What is a while loop?", said["text"]]
