"""Lesson text as a teacher says it to a learner: quoted, cut to length, turned towards "you"."""

import re
from typing import NamedTuple

from tutor.domain.chat import Source
from tutor.domain.passage import Kind, Passage

_SENTENCE = re.compile(r"(?:(?<=[.!?])|(?<=[.!?][\"')*]))\s+(?=[A-Z`\"*'(])")
_ASKED_ALOUD = re.compile(r"\bask: \"(.+?[?.])\"", re.IGNORECASE)
_ASK_WHAT = re.compile(r"^Ask ((?:what|which|how|whether|where|why|for)\b.+)$", re.DOTALL)
_WITH = re.compile(r"^(With .+?), ask ((?:what|which|how|for|whether)\b.+)$", re.DOTALL)
_INLINE_CODE = re.compile(r"`[^`\n]+`")
_SPOKEN_PAST = re.compile(
    r"(?ms)[^.!?\n]*:\s*\n {0,3}(```|~~~).*?^ {0,3}\1\s*$|^ {0,3}(```|~~~).*?^ {0,3}\2\s*$"
)
"""Fenced code, with the clause that announces it."""
_LEANS = re.compile(r"^(?:(?:It|Both|The first|He|They|That|This|Without)\b|`[^`]+` is\b)")


class Place(NamedTuple):
    """Where a link points, seen from the open chapter."""

    text: str
    """Markdown."""
    source: Source


def cell_place(chapter: str, chapter_title: str, cell_id: str, number: int, *, open_chapter: str) -> Place:
    """A link to a cell: `[Loops, cell 4](#cell-4)`, with the chapter's address where it is another one.

    Without a cell id, as in a chapter that has no cells, the link leads to the chapter.
    """
    if not cell_id:
        source = Source(chapter=chapter, cell_id="", title=chapter_title)
        return Place(f"[{chapter_title}](?chapter={chapter})", source)
    title = f"{chapter_title}, cell {number}"
    target = f"#{cell_id}" if chapter == open_chapter else f"?chapter={chapter}#{cell_id}"
    return Place(f"[{title}]({target})", Source(chapter=chapter, cell_id=cell_id, title=title))


def quoted(passage: Passage) -> str:
    """What the course says there, in Markdown: an answer or code as it stands, other text as a quote."""
    match passage.kind:
        case Kind.QUESTION | Kind.CODE:
            return passage.text
        case Kind.MISCONCEPTION:
            return f"A common mix-up is this: *{passage.asks.rstrip('.')}*. It is not so. {mended(passage)}"
        case _:
            return as_quote(passage.text)


def as_quote(markdown: str) -> str:
    """The text as a Markdown quote."""
    return "\n".join(f"> {line}".rstrip() for line in markdown.splitlines())


def mended(passage: Passage) -> str:
    """What mends a mix-up, said to the learner; with the question before it, where it answers one."""
    told = to_learner(passage.text)
    if not _LEANS.match(told):
        return told
    asked = _asked(passage.probe)
    return f"{asked.replace('ry to say', 'hink about', 1)} {told}" if asked else ""


def stands_alone(passage: Passage) -> bool:
    """Whether a passage can be understood without what a teacher would have asked before."""
    return passage.kind is not Kind.MISCONCEPTION or bool(mended(passage))


def to_learner(advice: str) -> str:
    """Advice to a teacher as advice to the learner; sentences about the learner are left out."""
    advice = re.sub(r"\bLet the learner (\w)", lambda found: found[1].upper(), advice)
    advice = re.sub(r"\bThen say(?: the rule)?: (\w)", lambda found: found[1].upper(), advice)
    return " ".join(one for one in sentences(advice) if not re.search(r"\blearners?\b", one))


def probe_question(passage: Passage) -> str:
    """The question by which a teacher finds the mix-up out, asked of the learner; or ''."""
    asked = _asked(passage.probe)
    return (
        "" if re.search(r"\bthis (?:line|program)\b|\bthe brackets\b|\bwhat happens for\b", asked) else asked
    )


def _asked(probe: str) -> str:
    if re.search(
        r"\b[Pp]oint(?:s|ing)? at\b|^Put\b|the two lines|\bmark\b", probe.split("If the learner")[0]
    ):
        return ""
    if aloud := _ASKED_ALOUD.search(probe):
        return aloud[1]
    first = sentences(probe)[0].rstrip(".:?") if probe else ""
    if what := _ASK_WHAT.match(first):
        return f"Try to say {_embedded(what[1])}."
    if (given := _WITH.match(first)) and first.count("`") >= 4:
        return f"{given[1]}, try to say {_embedded(given[2])}."
    return ""


def _embedded(asked: str) -> str:
    return re.sub(r"^for ", "what you get for ", asked)


def sentences(text: str) -> list[str]:
    """The sentences of a text without fenced code, as they stand; a sign in inline code ends none."""
    text = text.strip()
    masked = _INLINE_CODE.sub(lambda code: "`" + "x" * (len(code[0]) - 2) + "`", text)
    found, start = [], 0
    for gap in _SENTENCE.finditer(masked):
        found.append(text[start : gap.start()])
        start = gap.end()
    return [one for one in (*found, text[start:]) if one]


def brief_text(markdown: str, count: int = 4) -> str:
    """The first sentences of a text without its fenced code: as much as one listens to."""
    bare = _SPOKEN_PAST.sub("", markdown)
    bare = re.sub(r"\s+", " ", re.sub(r"(?m)^\s*[-*] ", "", bare))
    kept = sentences(bare)[:count]
    return " ".join(kept)


def pieces(markdown: str) -> list[str]:
    """A text cut after its sentences and lines, so that it can be streamed; joined, they are the text."""
    return re.findall(r".+?(?:[.!?:](?=\s)\s*|\n+|\Z)", markdown, flags=re.DOTALL)
