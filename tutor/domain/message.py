"""What a learner may send as a message."""

import unicodedata

from tutor.errors import MessageEmpty, MessageNotText, MessageTooLong

_KEPT_CONTROLS = "\n\t"


def readable(text: str, *, limit: int) -> str:
    """The message as it is stored: normalised, without control characters, trimmed.

    Args:
        text: As it came in.
        limit: Characters that a message may have.

    Raises:
        MessageEmpty, MessageTooLong, MessageNotText.
    """
    if len(text) > limit:
        raise MessageTooLong(f"{len(text)} characters", text=MessageTooLong.text.format(limit=limit))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\x00" in text or "\ufffd" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise MessageNotText
    # Unassigned characters stay: to this Python, an emoji of next year is one.
    text = "".join(
        char for char in text if char in _KEPT_CONTROLS or unicodedata.category(char) not in ("Cc", "Co")
    ).strip()
    if not text:
        raise MessageEmpty
    return unicodedata.normalize("NFC", text)
