"""Every row of the error table, with a real server that answers so."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from time import monotonic

import pytest
from structlog.testing import capture_logs

from tests.servers.ladder_rig import GUIDE, QUICK, SAID, question, rig, rung, until
from tests.servers.openai_wire import Act
from tutor.domain.chat import Author, ChatMessage


async def test_first_rung_answers() -> None:
    """A healthy ladder would ask more than its best rung."""
    async with rig() as r:
        text, finish, _ = await r.ask()
        assert (text, finish.rung, finish.prompt_tokens, finish.completion_tokens) == (SAID, "first", 11, 7)
        assert r.count("second") == 0


async def test_unknown_model_is_skipped_for_good() -> None:
    """A retired model would be asked, and cost time, again and again."""
    async with rig(first=[Act(status=404, code="model_not_found"), Act()]) as r:
        for _ in range(3):
            assert (await r.ask())[1].rung == "second"
        await asyncio.sleep(0.3)  # longer than any pause of a breaker
        assert (await r.ask())[1].rung == "second"
        assert (r.state("first"), r.count("first")) == ("skipped", 1)


@pytest.mark.parametrize("status", [401, 403])
async def test_refused_key_closes_the_provider(status: int) -> None:
    """Every rung of an account with a bad key would be tried, and its owner would not know."""
    rungs = [rung("first", "acme"), rung("second", "acme"), rung("third", "other")]
    with capture_logs() as logs:
        async with rig(rungs, first=Act(status=status)) as r:
            for _ in range(2):
                assert (await r.ask())[1].rung == "third"
            assert (r.count("first"), r.count("second")) == (1, 0)
            assert not r.ready("second")
    told = [log for log in logs if log["event"] == "provider_closed"]
    assert [(log["log_level"], log["provider"]) for log in told] == [("error", "acme")]
    assert "key-of-acme" not in str(logs)


@pytest.mark.parametrize(
    "header",
    [
        {"retry-after": "7"},
        {"retry-after": "a date"},
        {"x-ratelimit-reset-tokens": "7.66s", "x-ratelimit-remaining-tokens": "0"},
    ],
    ids=["seconds", "date", "groq"],
)
async def test_rate_limit_is_remembered(header: dict[str, str]) -> None:
    """A limited rung would be asked by the next request before it said it may be."""
    if header == {"retry-after": "a date"}:  # made now: collecting the tests may be long ago
        header = {"retry-after": format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)}
    async with rig(first=Act(status=429, headers=header)) as r:
        began = monotonic()
        answers = await asyncio.gather(*(r.ask() for _ in range(3)))
        answers += [await r.ask() for _ in range(3)]
        assert {finish.rung for _, finish, _ in answers} == {"second"}
        assert r.count("first") <= 3  # those that were on their way together
        wait = next(health.wait for health in r.ladder.health() if health.name == "first")
        assert wait > 6 - (monotonic() - began)


async def test_rate_limit_ends_by_itself() -> None:
    """A rung would stay closed after the time that it asked for, or be probed though it is well."""
    async with rig(first=[Act(status=429, headers={"retry-after-ms": "150"}), Act()]) as r:
        assert (await r.ask())[1].rung == "second"
        await until(lambda: r.ready("first"))
        assert r.count("first") == 1
        assert (await r.ask())[1].rung == "first"


@pytest.mark.parametrize(
    "act",
    [
        Act(status=500),
        Act(status=503),
        Act(cut_after=0),
        Act(status=307, headers={"location": "http://x.test/"}),
    ],
    ids=["500", "503", "torn", "redirect"],
)
async def test_broken_rung_pauses_and_is_probed(act: Act) -> None:
    """A broken rung would be tried on learners, or never come back."""
    async with rig(first=[act, act, Act()]) as r:
        assert (await r.ask())[1].rung == "second"
        assert (await r.ask())[1].rung == "second"
        await until(lambda: r.ready("first"))
        probes = r.wire.asked_of("first")[1:]
        assert len(probes) == 2  # the first one failed, too
        assert all("loop" not in str(asked.body["messages"]) for asked in probes)
        assert (await r.ask())[1].rung == "first"


async def test_redirect_is_not_followed() -> None:
    """A redirect would carry a learner's words, and the key, to a host that nobody chose."""
    async with rig(elsewhere=Act()) as other:
        location = f"{other.wire.url}/v1/chat/completions"
        async with rig(first=Act(status=307, headers={"location": location})) as r:
            assert (await r.ask())[1].rung == "second"
        assert not other.wire.asked


async def test_no_server_at_all() -> None:
    """A provider that refuses connections would cost an answer."""
    async with rig() as gone:
        await gone.wire.stop()
        gone.wire.asked.clear()
        text, finish, _ = await gone.ask()
        assert (text, finish.rung) == (GUIDE, "guide")


async def test_silence_is_a_timeout() -> None:
    """A rung that accepts the request and says nothing would hold the learner up beyond its deadline."""
    async with rig(first=Act(connect=9)) as r:
        began = monotonic()
        assert (await r.ask())[1].rung == "second"
        assert 0.25 < monotonic() - began < 0.8
        await until(r.wire.asked_of("first")[0].gone.is_set)
        assert not r.ready("first")


@pytest.mark.parametrize(
    "act",
    [Act(first=9), Act(keepalive=0.02), Act(words=("", "", " ", "\n"), gap=0.1)],
    ids=["role", "comments", "empty"],
)
async def test_only_visible_text_is_an_answer(act: Act) -> None:
    """Role deltas, comments and empty pieces would pass for an answer that has begun."""
    async with rig(first=act) as r:
        began = monotonic()
        assert (await r.ask())[1].rung == "second"
        assert monotonic() - began < 0.8


async def test_bad_request_harms_nobody() -> None:
    """One request that a model refuses would close it for every other learner."""
    async with rig(first=[Act(status=400, code="unsupported_parameter"), Act()]) as r:
        assert (await r.ask())[1].rung == "second"
        assert (await r.ask())[1].rung == "first"


@pytest.mark.parametrize(
    "act",
    [Act(words=()), Act(words=(" ", "\n")), Act(words=(), finish="content_filter")],
    ids=["empty", "blank", "refused"],
)
async def test_useless_answer_passes_on(act: Act) -> None:
    """An empty answer or a refusal would be shown, or close the rung at once."""
    async with rig(first=act) as r:
        assert (await r.ask())[0] == SAID
        assert r.ready("first")
        for _ in range(2):
            await r.ask()
        assert r.count("first") == 3
        assert (await r.ask())[1].rung == "second"  # three in a row are a failure


GARBAGE = {
    "json": "data: {nonsense\n\n",
    "utf8": "data: \xff\xfe\xc3\x28\n\n",
    "shape": 'data: {"choices": "many"}\n\n',
    "list": "data: [1, 2]\n\n",
    "number": 'data: {"choices": [{"index": 0, "delta": {"content": 7}}]}\n\n',
    "megabyte": 'data: {"choices":[{"index":0,"delta":{"content":"' + "x" * 1_000_000 + '"}}]}\n\n',
    "html": "<html><body>Bad gateway</body></html>",
    "error": 'data: {"error": {"message": "boom", "code": "server_error"}}\n\n',
}


@pytest.mark.parametrize("raw", GARBAGE.values(), ids=GARBAGE)
async def test_garbage_passes_on(raw: str) -> None:
    """A rung that sends nonsense would break the turn, or show it to the learner."""
    with capture_logs() as logs:
        async with rig(first=Act(raw=raw)) as r:
            text, finish, _ = await r.ask()
    assert (text, finish.rung) == (SAID, "second")
    outcomes = [log["outcome"] for log in logs if log["event"] == "attempt"]
    assert len(outcomes) == 2
    assert outcomes[0] in ("answer_unusable", "provider_unreachable")


async def test_long_request_is_fitted() -> None:
    """A long conversation would be refused by a rung that reads less, instead of losing its oldest words."""
    said = tuple(ChatMessage(author=Author.TEACHER, content=f"{i} " + "word " * 300) for i in range(20))
    request = question()
    request = request.model_copy(update={"messages": (request.messages[0], *said, request.messages[-1])})
    async with rig([rung("small", context=4096)]) as r:
        assert (await r.ask(request))[1].rung == "small"
        sent = r.wire.asked[0].body["messages"]
    assert (sent[0]["content"], sent[-1]["content"]) == ("You teach.", "Why does my loop never end?")
    assert 3 < len(sent) < 22
    assert sent[-2]["content"].startswith("19 ")


async def test_too_long_request_is_passed_on() -> None:
    """A rung that cannot read the request at all would be asked to."""
    request = question("why " * 5000)
    async with rig([rung("small", context=2048), rung("large", context=131072)]) as r:
        assert (await r.ask(request))[1].rung == "large"
        assert r.count("small") == 0


async def test_many_requests_count_one_failure() -> None:
    """Twenty requests that fail together would be taken for twenty failures, and the pause would explode."""
    async with rig(first=[*[Act(status=500)] * 20, Act()]) as r:
        await asyncio.gather(*(r.ask() for _ in range(20)))
        wait = next(health.wait for health in r.ladder.health() if health.name == "first")
        assert wait <= QUICK.pause * 1.25
