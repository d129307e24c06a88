"""What is wrong in a course file, for its author."""

from pathlib import Path

from tutor.domain.value import Value


class Problem(Value):
    """One mistake, and where it is."""

    path: Path
    """`<root>/<course>/<chapter>.md`, or the course's course.toml."""
    line: int
    """Counted from 1."""
    reason: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.reason}"

    @property
    def short(self) -> str:
        """The same, for a page: only the course's own part of the path."""
        return f"{self.path.parent.name}/{self.path.name}, line {self.line}: {self.reason}"
