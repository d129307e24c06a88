"""The ladder file: which models may answer, in which order, and how long each may take."""

import tomllib
from collections.abc import Collection
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError

from tutor.domain.value import Value
from tutor.errors import SettingsError
from tutor.rung_lines import Lines

DEFAULT = Path(__file__).with_name("rungs.toml")
"""The ladder that comes with the project."""


class Tier(StrEnum):
    """How good a rung's answers are."""

    LARGE = "large"
    MEDIUM = "medium"
    SMALL = "small"
    EMERGENCY = "emergency"

    @property
    def rank(self) -> int:
        """0 for the best."""
        return list(Tier).index(self)


class Price(Value):
    """US dollars for a million tokens."""

    input: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    output: float = Field(default=0.0, ge=0, allow_inf_nan=False)

    def of(self, prompt_tokens: int, completion_tokens: int) -> float:
        """What these tokens cost, in US dollars."""
        return (prompt_tokens * self.input + completion_tokens * self.output) / 1e6

    @property
    def free(self) -> bool:
        """Whether nothing is paid for it."""
        return not (self.input or self.output)


Seconds = Annotated[float, Field(gt=0, le=3600)]
Name = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[\w.:/ -]+$")]


def _http(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        msg = "must begin with http:// or https://"
        raise ValueError(msg)
    return url.rstrip("/")


class Rung(Value):
    """One model that may answer."""

    name: Name
    """What the log, the badge and `doctor` call it; unique in the ladder."""
    provider: Name
    model: str = Field(min_length=1)
    """The provider's own id of it."""
    tier: Tier = Tier.LARGE
    temperature: float | None = Field(default=0.6, ge=0, le=2)
    """None: not sent, for models that refuse one."""
    context: int = Field(default=8192, ge=512)
    """Tokens of prompt and answer together."""
    price: Price = Price()
    thinking: int = Field(default=0, ge=0)
    """Tokens that the model may spend before its visible answer, beside those of the answer."""
    options: dict[str, Any] = Field(default_factory=dict)
    """Further fields of the request, as the provider documents them."""
    contract_only: bool = False
    """True where only some accounts may use the model: its absence is no news."""
    first_token: Seconds = 1.2
    """Until the first visible text, while another rung could be asked instead."""
    stall: Seconds = 5.0
    """Between two pieces of an answer."""
    total: Seconds = 60.0
    """For the whole answer."""


class Limits(Value):
    """How the ladder is climbed. Times are in seconds."""

    first_token: Seconds = 2.0
    """For the whole search for a first visible word, however many rungs are asked."""
    attempts: int = Field(default=1, ge=1, le=5)
    """On one rung while others are healthy."""
    tries: int = Field(default=3, ge=1, le=10)
    """Of the whole ladder, where no healthy rung is left."""
    backoff: Seconds = 0.5
    """Before the second try; doubled before each further one, with jitter."""
    hedge: bool = True
    hedge_after: Seconds = 0.7
    """When a second rung is asked beside the first, until enough answers of the first were timed."""
    hedge_share: float = Field(default=0.05, ge=0, le=1)
    """Extra calls that hedging may make, as a share of all."""
    pause: Seconds = 1.0
    """For which a rung is left alone after its first failure; doubled with each further one."""
    longest_pause: Seconds = 60.0


class Allowance(Value):
    """Daily budgets in US dollars. None: no limit."""

    learner_per_day: float | None = Field(default=None, ge=0)
    site_per_day: float | None = Field(default=None, ge=0)


class Server(Value):
    """A provider of the owner's own, or another address for a known one."""

    base_url: Annotated[str, AfterValidator(_http)] = ""
    api_key_env: str = Field(default="", pattern=r"^\w*$")
    """Environment variable that holds its key."""


class LadderPlan(Value):
    """A ladder file, read and checked."""

    rungs: tuple[Rung, ...] = Field(min_length=1)
    limits: Limits = Limits()
    budget: Allowance = Allowance()
    providers: dict[Name, Server] = Field(default_factory=dict)


class Skipped(Value):
    """A rung that is configured and cannot be used, and why, for the owner."""

    rung: str
    reason: str


def read_plan(path: Path | None, *, providers: Collection[str]) -> LadderPlan:
    """Read a ladder file.

    Args:
        path: TOML; None means the ladder that comes with the project.
        providers: Names that need no table of their own.

    Raises:
        SettingsError: It cannot be used; the text names the file, the line and the reason.
    """
    path = path or DEFAULT
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except OSError as error:
        raise _refused(f"{path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise _refused(f"{path}: is not a text file in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise _refused(f"{path}: {error}") from None
    lines = Lines(text)
    if not data.get("rungs"):
        raise _refused(f"{path}, line {lines.of('rungs')}: there are no rungs; begin one with [[rungs]]")
    try:
        plan = LadderPlan.model_validate(data)
    except ValidationError as error:
        problems = (
            f"{path}, line {lines.at(problem['loc'])}: {_reason(problem['loc'], problem['msg'])}"
            for problem in error.errors(include_input=False, include_url=False)
        )
        raise _refused("\n  ".join(problems)) from None
    _check(plan, path, lines, {*providers, *plan.providers})
    return plan


def _check(plan: LadderPlan, path: Path, lines: Lines, providers: set[str]) -> None:
    seen: dict[str, int] = {}
    for index, rung in enumerate(plan.rungs):
        if rung.name in seen:
            first = lines.at(("rungs", seen[rung.name], "name"))
            where = lines.at(("rungs", index, "name"))
            raise _refused(f"{path}, line {where}: the name {rung.name!r} is taken in line {first}")
        seen[rung.name] = index
        if rung.provider not in providers:
            known = ", ".join(sorted(providers))
            where = lines.at(("rungs", index, "provider"))
            raise _refused(f"{path}, line {where}: unknown provider {rung.provider!r}; known are {known}")


def _reason(location: tuple[int | str, ...], message: str) -> str:
    field = ".".join(str(part) for part in location if isinstance(part, str) and part != "rungs")
    match message:
        case "Field required":
            return f"the key {field!r} is missing"
        case "Extra inputs are not permitted":
            return f"unknown key {field!r}"
    return f"{field}: {message.removeprefix('Value error, ')}"


def _refused(problem: str) -> SettingsError:
    text = f"The ladder file cannot be used:\n  {problem}"
    return SettingsError(text, text=text)
