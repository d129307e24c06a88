"""Answers that break off in the middle, and what they cost."""

from datetime import date

import pytest
from structlog.testing import capture_logs

from tests.servers.ladder_rig import GUIDE, SAID, question, rig, rung, until
from tests.servers.openai_wire import Act
from tutor.domain.chat import Restart
from tutor.rungs import Allowance
from tutor.services.budget import SMALLER, USED_UP, Budget
from tutor.services.ladder import CUT_SHORT
from tutor.services.seam import CONTINUE, Seam


@pytest.mark.parametrize(
    "act",
    [
        Act(cut_after=2),
        Act(stall_after=2),
        Act(words=("A ", "loop "), finish=""),
        Act(words=("A ", "loop "), finish="content_filter"),
    ],
    ids=["torn", "stalled", "unfinished", "filtered"],
)
async def test_cut_restarts(act: Act) -> None:
    """A learner would read half an answer, or the beginning of it twice."""
    async with rig(first=act) as r:
        text, finish, chunks = await r.ask()
        assert (text, finish.rung) == (SAID, "second")
        assert [chunk.rung for chunk in chunks if isinstance(chunk, Restart)] == ["second"]
        assert r.ready("first") == (act.finish == "content_filter")


async def test_cut_without_another_rung_is_tried_again() -> None:
    """The only rung's hiccup in mid-answer would end in the guide."""
    async with rig(["only"], only=[Act(cut_after=2), Act()]) as r:
        text, finish, _ = await r.ask()
        assert (text, finish.rung) == (SAID, "only")


async def test_cut_with_nobody_left_is_the_floor() -> None:
    """Half an answer would stay on the page with nothing after it."""
    async with rig(first=Act(cut_after=2), second=Act(status=404)) as r:
        text, _, chunks = await r.ask()
        assert text == GUIDE
        assert any(isinstance(chunk, Restart) for chunk in chunks)


async def test_spoken_answer_goes_on() -> None:
    """Words that were already heard would be taken back, or said twice."""
    async with rig(first=Act(cut_after=2), second=Act(words=("A ", "loop ", "repeats ", "code."))) as r:
        text, finish, chunks = await r.ask(question(spoken=True))
        assert (text, finish.rung) == (SAID, "second")
        assert not any(isinstance(chunk, Restart) for chunk in chunks)
        *_, said, ask = r.wire.asked_of("second")[0].body["messages"]
        assert said == {"role": "assistant", "content": "A loop "}
        assert ask == {"role": "user", "content": CONTINUE}


async def test_spoken_answer_ends_on_the_floor() -> None:
    """A spoken answer would stop in mid-sentence where no rung is left."""
    async with rig(["first"], first=[Act(cut_after=2), Act(status=404)]) as r:
        text, finish, _ = await r.ask(question(spoken=True))
        assert (text, finish.rung) == (f"A loop \n\n{GUIDE}", "guide")


async def test_endless_answer_is_cut_short() -> None:
    """A rung that drips words for ever would hold a learner for ever."""
    async with rig([rung("drip", total=0.5)], drip=Act(words=("word ",) * 500, gap=0.02)) as r:
        text, finish, _ = await r.ask()
        assert text.startswith("word word")
        assert finish.note == CUT_SHORT


async def test_complete_answer_is_kept_though_the_end_is_missing() -> None:
    """A server that hangs after its last word would turn a good answer into a failure."""
    async with rig(["first"], first=Act(done=False)) as r:
        text, finish, _ = await r.ask()
        assert (text, finish.rung) == (SAID, "first")


PAID = rung("first", price={"input": 1.0, "output": 2.0})


async def test_cost_is_counted() -> None:
    """The owner could not know what an answer cost."""
    budget = Budget(Allowance(learner_per_day=1.0))
    async with rig([PAID], budget=budget) as r:
        _, finish, _ = await r.ask()
    assert finish.cost == pytest.approx((11 * 1.0 + 7 * 2.0) / 1e6)
    assert budget.spent("ada") == (finish.cost, finish.cost)


async def test_cost_of_a_cut_and_of_uncounted_tokens() -> None:
    """Attempts that broke off, and servers that count no tokens, would seem to be free."""
    second = rung("second", price={"input": 1.0, "output": 2.0})
    async with rig([PAID, second], first=Act(cut_after=2), second=Act(usage=None)) as r:
        _, finish, _ = await r.ask()
    assert finish.completion_tokens == 5
    assert finish.prompt_tokens > 10
    assert finish.cost > (finish.prompt_tokens + 2 * 5 + finish.prompt_tokens) / 1e6


LADDER = [
    rung("large", price={"input": 1}),
    rung("medium", tier="medium", price={"input": 1}),
    rung("small", tier="small", price={"input": 1}),
]


@pytest.mark.parametrize(
    ("spent", "answers", "note"),
    [(0.5, "large", ""), (0.6, "medium", SMALLER), (0.9, "small", SMALLER), (1.0, "guide", USED_UP)],
)
async def test_budget_lowers_the_tier(spent: float, answers: str, note: str) -> None:
    """One learner could spend everything, or would be told nothing where the answers get worse."""
    budget = Budget(Allowance(learner_per_day=1.0), today=lambda: date(2026, 11, 22))
    budget.charge("ada", spent)
    async with rig(LADDER, budget=budget) as r:
        _, finish, _ = await r.ask()
        assert (finish.rung, finish.note) == (answers, note)
        other = question().model_copy(update={"learner_id": "bob"})
        assert (await r.ask(other))[1].rung == "large"


async def test_free_model_answers_when_the_budget_is_gone() -> None:
    """A local model that costs nothing would be closed by a budget."""
    budget = Budget(Allowance(site_per_day=1.0))
    budget.charge("", 2.0)
    async with rig([*LADDER, rung("local", tier="emergency")], budget=budget) as r:
        assert (await r.ask())[1].rung == "local"


def test_budget_begins_anew_each_day() -> None:
    """A learner would stay without models for ever."""
    days = [date(2026, 11, 22)]
    budget = Budget(Allowance(learner_per_day=1.0), today=lambda: days[-1])
    budget.charge("ada", 1.0)
    assert budget.used("ada") == 1.0
    days.append(date(2026, 11, 23))
    assert budget.used("ada") == 0.0


async def test_log_has_no_text() -> None:
    """The log would hold learners' words, answers or keys."""
    with capture_logs() as logs:
        async with rig(first=[Act(cut_after=2)]) as r:
            await r.ask()
    attempts = [log for log in logs if log["event"] == "attempt"]
    assert [(log["turn"], log["rung"], log["outcome"]) for log in attempts] == [
        ("turn-1", "first", "cut_provider_unreachable"),
        ("turn-1", "second", "answered"),
    ]
    assert all({"ms", "tokens"} <= log.keys() for log in attempts)
    for secret in ("key-of", "loop never", "A loop", "repeats"):
        assert secret not in str(logs)


async def test_models_are_checked() -> None:
    """A retired model would be found out by a learner."""
    rungs = [rung("first", "acme"), rung("second", "acme"), rung("third", "other")]
    async with rig(rungs, models=("second", "third")) as r:
        findings = await r.ladder.check()
        assert [(finding.rung, finding.ok) for finding in findings] == [
            ("first", False), ("second", True), ("third", True)
        ]  # fmt: skip
        assert (await r.ask())[1].rung == "second"
        assert r.count("first") == 0


async def test_unreadable_list_of_models_closes_nothing() -> None:
    """A server without /models would lose all its rungs."""
    async with rig() as r:
        assert [finding.ok for finding in await r.ladder.check()] == [None, None]
        assert (await r.ask())[1].rung == "first"


@pytest.mark.parametrize(
    ("said", "pieces", "heard"),
    [
        ("A loop ", ("repeats ", "code."), "repeats code."),
        ("A loop", (" repeats",), " repeats"),
        ("A loop", ("repeats",), " repeats"),
        ("It is. A loop re", ("A ", "loop ", "repeats code."), "peats code."),
        ("It is. A loop ", ("It is. A loop repeats",), "repeats"),
        ("a loop ", ("a ", "loop ", "a loop"), "a loop"),
        ("data", ("a list",), " a list"),
        ("one two", ("two",), ""),
        ("", ("all",), "all"),
    ],
)
def test_seam(said: str, pieces: tuple[str, ...], heard: str) -> None:
    """The continuation of a spoken answer would stutter, or lose words."""
    seam = Seam(said)
    assert "".join([*(seam.feed(piece) for piece in pieces), seam.flush()]) == heard


async def test_probe_is_small() -> None:
    """Trying a broken rung would cost as much as an answer."""
    async with rig(first=[Act(status=500), Act()]) as r:
        await r.ask()
        await until(lambda: r.count("first") == 2)
        assert r.wire.asked_of("first")[1].body["max_tokens"] <= 64
