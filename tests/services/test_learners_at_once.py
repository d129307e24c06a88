"""Several learners at once, who do what they like: nobody ever sees, changes or counts what is another's.

Hypothesis makes up what they do. `pytest --hypothesis-profile long` lets it go on for an hour.
"""

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run

from tutor.domain.instruction import GoOn
from tutor.domain.learner import Learner
from tutor.domain.place import CellPlace, Place
from tutor.domain.turn import Failed, Heard, TurnEvent
from tutor.errors import ConversationUnknown, SessionExpired
from tutor.services.services import Services
from tutor.settings import Settings
from tutor.wiring import build

COURSE, CHAPTER = "python-basics", "loops"
CODE, EXERCISE = CellPlace(COURSE, CHAPTER, "first-for"), CellPlace(COURSE, CHAPTER, "countdown")
_NUMBERS = itertools.count()


@dataclass
class Known:
    """What one learner did, as the test knows it."""

    learner: Learner
    token: str
    mark: str
    """A word in everything that this learner writes, and in nothing else."""
    talks: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """By conversation: turn and text of each question that stands."""
    drafts: dict[str, str] = field(default_factory=dict)
    deeds: int = 0
    instructed: int = 0
    last_seen: str = ""

    def place(self, talk: str) -> Place:
        return Place(conversation_id=talk, course=COURSE, chapter=CHAPTER)

    def some(self, number: int) -> str | None:
        """One of the learner's conversations, if there is any."""
        talks = list(self.talks)
        return talks[number % len(talks)] if talks else None


class Deeds:
    """What a learner may do. Each method does it, and notes it."""

    def __init__(self, services: Services) -> None:
        self.services = services

    async def begin(self, one: Known, _number: int) -> None:
        turns = self.services.turns
        talk = await turns.add_conversation(one.learner.id, course=COURSE, chapter=CHAPTER, title="Loops")
        one.talks[talk.id] = []

    async def ask(self, one: Known, number: int) -> None:
        if talk := one.some(number):
            text = f"What does the loop {one.mark} in my code do, number {number}?"
            turn = heard(await told(self.services.teacher.answer(one.learner, one.place(talk), text)))
            one.talks[talk].append((turn, text))

    async def leave_off(self, one: Known, number: int) -> None:
        """Ask, and go away in the middle of the answer."""
        if talk := one.some(number):
            text = f"Why is {one.mark} a list?"
            events = self.services.teacher.answer(one.learner, one.place(talk), text)
            one.talks[talk].append((heard([await anext(events)]), text))
            await events.aclose()

    async def edit(self, one: Known, number: int) -> None:
        if (talk := one.some(number)) and one.talks[talk]:
            at = number % len(one.talks[talk])
            text = f"What is {one.mark} in other words?"
            place, turn = one.place(talk), one.talks[talk][at][0]
            turn = heard(await told(self.services.teacher.edit(one.learner, place, turn, text)))
            one.talks[talk][at:] = [(turn, text)]

    async def cut(self, one: Known, number: int) -> None:
        """Stop a spoken answer after so many characters."""
        if (talk := one.some(number)) and one.talks[talk]:
            turn = one.talks[talk][-1][0]
            try:
                await self.services.teacher.cut_at(one.learner, talk, turn, number)
            except ConversationUnknown:  # cut away as a whole before, or never begun
                messages = await self.services.turns.messages(one.learner.id, talk)
                assert [m.author for m in messages if m.turn_id == turn] == ["user"]

    async def instruct(self, one: Known, number: int) -> None:
        if talk := one.some(number):
            await told(self.services.teacher.follow(one.learner, one.place(talk), GoOn()))
            one.instructed += 1

    async def delete(self, one: Known, number: int) -> None:
        if talk := one.some(number):
            gone = await self.services.privacy.everything(one.learner)
            await self.services.turns.delete_conversation(one.learner.id, talk)
            del one.talks[talk]
            turns = {row["id"] for row in gone["turns"] if row["conversation_id"] == talk}
            one.instructed -= sum(row["turn_id"] in turns for row in gone["instructions"])

    async def open(self, one: Known, _number: int) -> None:
        lesson = await self.services.lessons.open(one.learner, COURSE, CHAPTER)
        one.talks.setdefault(lesson.conversation.id, [])

    async def write(self, one: Known, number: int) -> None:
        code = f"{one.mark} = {number}"
        await self.services.workbook.keep(one.learner, EXERCISE, code)
        one.drafts[EXERCISE.cell_id] = code

    async def reset(self, one: Known, _number: int) -> None:
        await self.services.workbook.reset(one.learner, EXERCISE)
        one.drafts.clear()

    async def run(self, one: Known, _number: int) -> None:
        await self.services.workbook.ran(one.learner, CODE)
        one.deeds += 1

    async def check(self, one: Known, number: int) -> None:
        await self.services.workbook.checked(one.learner, EXERCISE, passed=number % 3 == 0)
        one.deeds += 1

    async def hint(self, one: Known, _number: int) -> None:
        await self.services.workbook.hint(one.learner, EXERCISE, 1)
        one.deeds += 1

    async def again(self, one: Known, _number: int) -> None:
        await self.services.workbook.again(one.learner, EXERCISE)
        one.deeds += 1
        one.drafts.clear()


DEEDS = sorted(name for name in vars(Deeds) if not name.startswith("_"))


class Learners(RuleBasedStateMachine):
    """The learners of one example. Those of earlier ones are in the same database, and count as others."""

    services: ClassVar[Services]
    do: ClassVar[Callable[[Coroutine[Any, Any, Any]], Any]]

    def __init__(self) -> None:
        super().__init__()
        self.here: list[Known] = []
        self.acted: list[Known] = []

    @initialize()
    def arrive_two(self) -> None:
        """Nobody is alone."""
        self.arrive()
        self.arrive()
        self.acted = list(self.here)

    @precondition(lambda self: len(self.here) < 4)
    @rule()
    def arrive(self) -> None:
        """Somebody comes."""
        number = next(_NUMBERS)
        session = self.do(
            self.services.accounts.guest(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
        )
        self.here.append(Known(session.learner, session.token, f"zx{number}q"))
        self.acted = [self.here[-1]]

    @rule(
        acts=st.lists(
            st.tuples(st.integers(0, 3), st.sampled_from(DEEDS), st.integers(0, 30)),
            min_size=1,
            max_size=4,
            unique_by=lambda act: act[0],
        )
    )
    def act_at_once(self, acts: list[tuple[int, str, int]]) -> None:
        """Several do something at the same time."""
        deeds = Deeds(self.services)
        chosen = [(self.here[who], deed, number) for who, deed, number in acts if who < len(self.here)]

        async def together() -> None:
            await asyncio.gather(*(getattr(deeds, deed)(one, number) for one, deed, number in chosen))

        self.do(together())
        self.acted = [one for one, _, _ in chosen]

    @precondition(lambda self: len(self.here) > 1)
    @rule(spy=st.integers(0, 3), victim=st.integers(1, 3), number=st.integers(0, 30))
    def intrude(self, spy: int, victim: int, number: int) -> None:
        """Somebody knows another's ids, and tries all that can be done with them."""
        thief, other = self.here[spy % len(self.here)], self.here[(spy + victim) % len(self.here)]
        talk = other.some(number)
        self.acted = []
        if thief is other or talk is None:
            return
        self.do(self._tries(thief.learner, other, talk))

    async def _tries(self, thief: Learner, other: Known, talk: str) -> None:
        turns, teacher, place = self.services.turns, self.services.teacher, other.place(talk)
        for events in (
            teacher.answer(thief, place, "What did I ask?"),
            teacher.answer(thief, place, "repeat"),
            teacher.answer(thief, place, "stop"),
            teacher.follow(thief, place, GoOn()),
            *(teacher.edit(thief, place, turn, "Mine now") for turn, _ in other.talks[talk][:1]),
        ):
            assert other.mark not in str(await told(events, fails=None))
        tried: list[Awaitable[object]] = [
            turns.conversation(thief.id, talk),
            turns.messages(thief.id, talk),
            turns.delete_conversation(thief.id, talk),
            teacher.cut_at(thief, talk, other.talks[talk][0][0] if other.talks[talk] else "", 1),
        ]
        tried += [teacher.cut(thief, turn, "") for turn, _ in other.talks[talk][:1]]
        for attempt in tried:
            with pytest.raises(ConversationUnknown):
                await attempt

    @precondition(lambda self: len(self.here) > 2)
    @rule(who=st.integers(0, 3))
    def vanish(self, who: int) -> None:
        """Somebody deletes all that is theirs."""
        gone = self.here.pop(who % len(self.here))
        self.do(self.services.accounts.delete(gone.learner, ""))
        assert not any(self.do(self.services.privacy.everything(gone.learner)).values())
        with pytest.raises(SessionExpired):
            self.do(self.services.accounts.learner(gone.token))
        self.acted = []

    @invariant()
    def everybody_has_their_own(self) -> None:
        """Who did nothing sees what they saw before; who did something, that and no more."""
        for one in self.here:
            seen = self.do(self._seen(one))
            assert one in self.acted or seen == one.last_seen, "it changed while another acted"
            for other in self.here:
                assert other is one or other.mark not in seen, "it holds what another wrote"
            one.last_seen = seen
        for one in self.acted:
            self.do(self._compare(one))

    async def _seen(self, one: Known) -> str:
        """All that a learner can be shown, as text."""
        services, learner = self.services, one.learner
        assert (await services.accounts.learner(one.token)).id == learner.id
        listed = await services.turns.conversations(learner.id, limit=200)
        pages = await services.workbook.pages(learner, COURSE, CHAPTER)
        overview = await services.journey.overview(learner, UTC)
        return json.dumps(
            [
                await services.privacy.everything(learner),
                [talk.model_dump_json() for talk in listed],
                [
                    m.model_dump_json()
                    for talk in listed
                    for m in await services.turns.messages(learner.id, talk.id)
                ],
                [pages.drafts, str(sorted(pages.practice.items()))],
                overview.model_dump_json(exclude={"courses"}),
            ]
        )

    async def _compare(self, one: Known) -> None:
        services, learner = self.services, one.learner
        everything = await services.privacy.everything(learner)
        assert {row["id"] for row in everything["conversations"]} == set(one.talks)
        for talk, asked in one.talks.items():
            messages = await services.turns.messages(learner.id, talk)
            assert [(m.turn_id, m.text) for m in messages if m.author == "user"] == asked
        pages = await services.workbook.pages(learner, COURSE, CHAPTER)
        assert pages.drafts == one.drafts
        assert len(everything["deeds"]) == one.deeds
        assert len(everything["instructions"]) == one.instructed
        assert [row["id"] for row in everything["learners"]] == [learner.id]
        assert len(everything["sessions"]) == 1


async def told(events: Any, *, fails: bool | None = False) -> list[TurnEvent]:
    """The events of a turn. `fails`: whether it must; None where it may."""
    seen = [event async for event in events]
    if fails is not None:
        assert [event for event in seen if isinstance(event, Failed)] == []
    return seen


def heard(events: list[TurnEvent]) -> str:
    """The id of the turn."""
    (event,) = [event for event in events if isinstance(event, Heard)]
    return event.turn_id


@pytest.fixture
def runner(settings: Settings) -> Iterator[asyncio.Runner]:
    """A loop in which the services run, with nothing that hears or speaks."""
    with asyncio.Runner() as runner:
        roomy = settings.model_copy(update={"stt": "off", "tts": "off", "turns_per_minute": 10_000})
        Learners.services = build(roomy)
        Learners.do = staticmethod(runner.run)
        runner.run(Learners.services.start())
        yield runner
        runner.run(Learners.services.close())


def test_learners_at_once(runner: asyncio.Runner) -> None:
    """One learner would read, change, delete or be counted for what is another's."""
    run(Learners)
