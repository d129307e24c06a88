"""What the doctor found out of one thing."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report, and a second one where something has to be done."""

    what: str
    works: bool
    state: str
    remedy: str = ""
    optional: bool = False
    """True where the app does its main job without it: it is off, not broken."""

    def __str__(self) -> str:
        mark = "ok" if self.works else "off" if self.optional else "BROKEN"
        line = f"{mark:7} {self.what}: {self.state}"
        return f"{line}\n        -> {self.remedy}" if self.remedy and not self.works else line
