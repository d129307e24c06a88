"""Messages in Markdown, without HTML that does something in the page.

Gradio's sanitiser takes scripts, handlers and script links away, but lets `<meta http-equiv="refresh">`
through (seen in Gradio 5.50): an answer could lead the learner's page to another site. So the names of
elements that act, load or take input are broken here, wherever they stand, in code as well: what is code to
us may be none to the browser's own Markdown. Nobody sees the sign that breaks them.
"""

import re
from typing import Final

JOINER: Final = "\u2060"
"""A word joiner: without width, and part of no element's name."""

_ACTING: Final = (
    "animate|applet|area|audio|base|body|button|canvas|command|datalist|dialog|embed|fieldset|foreignobject|form|"
    "frame|frameset|head|html|iframe|image|img|input|keygen|label|legend|link|map|marquee|math|menu|meta|meter|"
    "noembed|noframes|noscript|object|optgroup|option|output|param|picture|plaintext|portal|progress|script|"
    "select|set|slot|source|style|svg|template|textarea|title|track|use|video|xmp"
)
_TAG: Final = re.compile(rf"<(?=/?(?:{_ACTING})(?![a-z0-9]))", re.IGNORECASE)


def harmless(markdown: str) -> str:
    """The same to the eye; elements that act are text."""
    return _TAG.sub(f"<{JOINER}", markdown)


def as_written(text: str) -> str:
    """What a learner wrote, back from the page."""
    return text.replace(JOINER, "")
