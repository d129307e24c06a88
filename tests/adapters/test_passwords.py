"""Passwords are hashed slowly enough, never too many at once, and never reveal who has an account."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from tutor.adapters.passwords import Argon2Passwords
from tutor.errors import Busy


@pytest.fixture(scope="module")
def passwords() -> Iterator[Argon2Passwords]:
    passwords = Argon2Passwords()
    yield passwords
    passwords.close()


async def test_hash_is_argon2id_at_owasps_minimum(passwords: Argon2Passwords) -> None:
    """A stolen database would give its passwords away."""
    hashed = await passwords.hash("correct horse")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await passwords.hash("correct horse") != hashed, "no salt"


async def test_right_password_and_no_other(passwords: Argon2Passwords) -> None:
    """A learner would be kept out, or somebody else let in."""
    hashed = await passwords.hash("correct horse")
    assert await passwords.verify("correct horse", hashed)
    for wrong in ("correct horsE", "correct horse ", "", "x" * 3000):
        assert not await passwords.verify(wrong, hashed)


@pytest.mark.parametrize("password", ["with\x00NUL", "lone \ud800", "påsswörd 🔑", "x" * 200])
async def test_any_password_works(passwords: Argon2Passwords, password: str) -> None:
    """Some characters would crash the sign-in, or end the password before its end."""
    hashed = await passwords.hash(password)
    assert await passwords.verify(password, hashed)
    assert not await passwords.verify(password[:5], hashed)


async def test_password_typed_on_another_keyboard(passwords: Argon2Passwords) -> None:
    """An accent that one system writes as two characters would keep the learner out."""
    assert await passwords.verify("cafe\u0301 du matin", await passwords.hash("caf\u00e9 du matin"))


async def test_account_without_password_takes_as_long(passwords: Argon2Passwords) -> None:
    """The time of an answer would tell which names exist."""
    hashed = await passwords.hash("correct horse")

    async def seconds(against: str | None) -> float:
        began = time.perf_counter()
        assert not await passwords.verify("wrong horse", against)
        return time.perf_counter() - began

    # The quickest of each, taken in turns: on a busy machine others take their share of any single one.
    pairs = [(await seconds(hashed), await seconds(None)) for _ in range(10)]
    with_account, without = map(min, zip(*pairs, strict=True))
    assert 0.5 < without / with_account < 2
    assert not await passwords.verify("nobody has this password", None)


async def test_unreadable_hash_is_a_no(passwords: Argon2Passwords) -> None:
    """A damaged row would be a crash in place of a refusal."""
    for broken in ("", "plain", "$argon2id$v=19$m=19456,t=2,p=1$", "$argon2id$v=19$m=1,t=1,p=1$AAAA$AAAA"):
        assert not await passwords.verify("correct horse", broken)


async def test_hashing_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand sign-ins at once would take all memory and every core."""
    passwords = Argon2Passwords(threads=2, waiting=1)
    gate, running = threading.Event(), []

    def slow(*_: object) -> bool:
        running.append(1)
        return gate.wait(5)

    monkeypatch.setattr(passwords, "_fits", slow)
    tries = [asyncio.create_task(passwords.verify("x", "hash")) for _ in range(3)]
    await asyncio.sleep(0.05)
    assert len(running) == 2
    with pytest.raises(Busy):
        await passwords.verify("x", "hash")

    gate.set()
    assert await asyncio.gather(*tries) == [True] * 3
    assert await passwords.verify("x", "hash"), "the places are free again"
    passwords.close()


async def test_hashing_gives_way(passwords: Argon2Passwords) -> None:
    """On a small machine a flood of sign-ins would get as much of the processor as all learners together."""
    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    priority = passwords._pool.submit(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
    assert priority.result() > own


async def test_cancelled_wait_gives_its_place_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients that hang up would use the places up, until nobody could sign in."""
    passwords = Argon2Passwords(threads=1, waiting=1)
    gate = threading.Event()
    monkeypatch.setattr(passwords, "_fits", lambda *_: gate.wait(5))
    first = asyncio.create_task(passwords.verify("x", "hash"))
    await asyncio.sleep(0.02)
    for _ in range(5):
        waiting = asyncio.create_task(passwords.verify("x", "hash"))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    gate.set()
    assert await first
    passwords.close()


async def test_event_loop_goes_on_meanwhile(passwords: Argon2Passwords) -> None:
    """Every sign-in would make the voices of all others stutter."""
    hashing = asyncio.gather(*(passwords.hash("correct horse") for _ in range(4)))
    ticks = 0
    while not hashing.done():
        await asyncio.sleep(0.001)
        ticks += 1
    assert ticks > 5


def test_no_warning_and_others_are_not_hidden() -> None:
    """Passlib's age would fill the log with warnings, or hiding them would hide others."""
    program = (
        "import warnings; before = list(warnings.filters)\n"
        "from tutor.adapters.passwords import Argon2Passwords; Argon2Passwords().close()\n"
        "assert warnings.filters[-len(before):] == before\n"
        "new = warnings.filters[:-len(before)]\n"
        "assert not [f for f in new if f[0] == 'ignore' and 'argon2' in str(f[1])], new\n"
        "warnings.warn('crypt is deprecated elsewhere', DeprecationWarning)\n"
    )
    run = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning", "-c", program], capture_output=True, text=True
    )
    assert run.stderr.splitlines()[-1:] == ["DeprecationWarning: crypt is deprecated elsewhere"]
