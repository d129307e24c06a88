"""Foreign text inside a prompt: fenced as data, so that nothing in it can pass for an instruction."""

import re

_OPEN = '<data kind="{kind}">\n'
_CLOSE = "\n</data>"
_BLOCK = re.compile(r'(<data kind="[\w ]+">\n)(.*?)(\n</data>)', re.DOTALL)
_MARKER = re.compile(
    r"<(?=\s*/?\s*data\b"  # our own fence, open or closed, however it is spaced
    r"|\s*[|\uff5c]"  # <|im_end|>: turn marks of chat templates; some local servers obey them anywhere
    r"|/?s>|(?:bos|eos)>|<\s*/?SYS|\s*/?\s*(?:start|end)_of_turn)",
    re.IGNORECASE,
)
_BRACKET = re.compile(r"\[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_(?:CALLS|RESULTS|CONTENT))\])")
"""The same for the templates of Mistral's models."""
_UNSEEN = re.compile("[\U000e0000-\U000e007f]")
"""Letters that no screen shows and every model reads (Unicode tags)."""
_LEFT_OUT = "\n[... left out ...]\n"


def tokens(text: str) -> int:
    """A rough count: one token for each four bytes of UTF-8.

    That is about right for English and for code, and too high rather than too low for other scripts'
    share of a budget: Chinese counts 0.75 a character.
    """
    return (_size(text) + 3) // 4


def neutral(text: str) -> str:
    """The text with every sign that begins one of our fences or a chat template's turn mark made harmless.

    Unseen letters go. Other text, Python and HTML included, stays as it is.
    """
    return _BRACKET.sub("［", _MARKER.sub("‹", _UNSEEN.sub("", text)))  # noqa: RUF001 - look-alikes, on purpose


def one_line(text: str, *, most: int = 120) -> str:
    """A foreign title within a sentence of ours: one line, no double quotes, `most` characters."""
    return neutral(" ".join(text.split()))[:most].replace('"', "'")


def fenced(kind: str, text: str) -> str:
    """The text between markers that it cannot close. `kind` is ours: words, no punctuation."""
    return _OPEN.format(kind=kind) + neutral(text) + _CLOSE


def shortened(text: str, budget: int, *, keep_end: float = 0.3) -> str:
    """The text within `budget` tokens: beginning and end kept, the middle left out and said to be.

    Args:
        text: Anything.
        budget: In tokens; with too little even for the mark, the result is empty.
        keep_end: The share of the budget that the end gets. An error's point is at its end.
    """
    if tokens(text) <= budget:
        return text
    room = budget * 4 - _size(_LEFT_OUT)
    if room <= 0:
        return ""
    raw = text.encode("utf-8", "replace")
    last = int(room * keep_end)
    head = raw[: room - last].decode("utf-8", "ignore")
    tail = raw[len(raw) - last :].decode("utf-8", "ignore") if last else ""
    return head + _LEFT_OUT + tail


def shorten_blocks(text: str, budget: int) -> str:
    """A text with fenced blocks, within `budget` tokens as far as shortening its blocks can do that.

    The last block is shortened first: what matters most stands first.
    """
    for block in reversed(list(_BLOCK.finditer(text))):
        over = tokens(text) - budget
        if over <= 0:
            break
        inside = shortened(block[2], max(tokens(block[2]) - over - 1, 0))
        text = text[: block.start(2)] + inside + text[block.end(2) :]
    return text


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
