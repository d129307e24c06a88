"""The front matter of a notebook: what its author says about the chapter as a whole."""

import re
from collections.abc import Iterator
from typing import NamedTuple

MAX_PACKAGES = 10

_PACKAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}")


class FrontMatter(NamedTuple):
    """The part `tutor:` of it; what cannot be used is left empty."""

    summary: str
    minutes: int
    packages: tuple[str, ...]
    reasons: tuple[str, ...]
    """What is wrong with it, for the author."""


def front_matter(metadata: dict[str, object]) -> FrontMatter:
    """Read the metadata of a notebook."""
    told = metadata.get("tutor")
    front = told if isinstance(told, dict) else {}
    summary, minutes, packages = front.get("summary"), front.get("minutes"), front.get("packages", [])
    return FrontMatter(
        summary=summary.strip() if isinstance(summary, str) else "",
        minutes=minutes if type(minutes) is int else 0,
        packages=tuple(map(str, packages)) if isinstance(packages, list) else (),
        reasons=tuple(_reasons(summary, minutes, packages)),
    )


def _reasons(summary: object, minutes: object, packages: object) -> Iterator[str]:
    if not isinstance(summary, str) or not summary.strip():
        yield "the front matter needs `tutor: summary:`, one sentence on what is learned"
    if type(minutes) is not int or not 1 <= minutes <= 600:
        yield "the front matter needs `tutor: minutes:`, a whole number from 1 to 600"
    if not isinstance(packages, list) or len(packages) > MAX_PACKAGES:
        yield f"`tutor: packages:` must be a list of up to {MAX_PACKAGES} names"
    elif not all(isinstance(one, str) and _PACKAGE.fullmatch(one) for one in packages):
        yield "`tutor: packages:` holds something that is no name of a package"
