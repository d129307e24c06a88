"""The words of a chapter that a transcriber should expect."""

import re

from tutor.domain.course import Chapter, Code, Exercise

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z_0-9]{2,}")
_COMMENT_OR_TEXT = re.compile(r"#.*|'[^'\n]*'|\"[^\"\n]*\"")


def vocabulary(chapter: Chapter | None, *, limit: int = 40) -> str:
    """A line of context for a transcriber: the chapter's title and the names in its code, most used first."""
    if chapter is None:
        return "Python programming."
    counts: dict[str, int] = {}
    for cell in chapter.cells:
        source = cell.source if isinstance(cell, Code) else cell.starter if isinstance(cell, Exercise) else ""
        for word in _IDENTIFIER.findall(_COMMENT_OR_TEXT.sub("", source)):
            counts[word] = counts.get(word, 0) + 1
    words = sorted(counts, key=lambda word: (-counts[word], word))[:limit]
    return f"Python lesson: {chapter.title}. Words: {', '.join(words)}." if words else f"{chapter.title}."
