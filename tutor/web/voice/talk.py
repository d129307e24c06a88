"""One learner talking with the teacher: who speaks when, what is answered, and what was heard of it."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from functools import partial
from time import monotonic, perf_counter

import numpy as np
import structlog
from numpy.typing import NDArray

from tutor.domain.audio import Audio
from tutor.domain.backchannel import backchannel, echo
from tutor.domain.conversation import Via
from tutor.domain.learner import Learner
from tutor.domain.microphone import Microphone
from tutor.domain.place import Place
from tutor.domain.playback import Playback
from tutor.domain.turn import Commanded, Failed, Heard, Spoken, TurnEvent, Waiting
from tutor.domain.utterance import FRAME_SECONDS, Change
from tutor.errors import NothingHeard, TutorError
from tutor.services.services import Services
from tutor.web.pages.chat import bubbles, growing
from tutor.web.pages.order import order_words
from tutor.web.voice.ears import Ears, Utterance
from tutor.web.voice.echo import is_echo, is_mostly_echo
from tutor.web.voice.mouth import AHEAD_SECONDS, Frame, Mouth
from tutor.web.voice.screen import Screen

log = structlog.get_logger()

_ECHO_SECONDS = 0.9
"""Of what was played: an echo comes that late at most."""
_UNREAD = 4
"""Utterances whose words are still worked on. Beyond that the learner is asked to wait."""
_TOO_FAST = "I am still working on what you said before. Please say the last part again."


class Talk:
    """The conversation of one connection. `run` it, and give it every 32 ms of sound.

    Args:
        place: Where the learner is, as the page tells.
        screen: What the learner sees.
        play: Takes 20 ms of sound at a time, when they are due.
        drop: Takes back the sound that was played and did not leave yet.
    """

    def __init__(
        self,
        services: Services,
        learner: Learner,
        *,
        place: Callable[[], Awaitable[Place]],
        screen: Screen,
        play: Callable[[Frame], None],
        drop: Callable[[], None],
        mouth: Callable[..., Mouth] = Mouth,
    ) -> None:
        self._services, self._learner, self._place = services, learner, place
        self._screen, self._drop = screen, drop
        self._ears = Ears(
            services.voice_activity(),
            services.turn_end,
            self._read,
            longest=services.settings.max_audio_seconds,
        )
        self._microphone = Microphone(frame_seconds=FRAME_SECONDS)
        self._mouth = mouth(play, self._begun)
        self._utterances: asyncio.Queue[Utterance] = asyncio.Queue(_UNREAD)
        self._turn: asyncio.Task[None] | None = None
        self._turn_id = self._conversation_id = ""
        self._playback = Playback()
        self._sentence = ""
        self._silent = False  # whether the answer has no sound of its own
        self._breath = False  # whether the mouth is held only because somebody may be about to speak
        self._browser_until = 0.0

    async def run(self) -> None:
        """Answer what is said, until cancelled."""
        speaking = asyncio.create_task(self._mouth.speak())
        try:
            while True:
                await self._told(self._take(await self._utterances.get()))
        finally:
            speaking.cancel()
            self._ears.close()
            # A learner who hangs up has heard no more than one who interrupts.
            await self._interrupt()

    def listen(self, window: NDArray[np.int16]) -> None:
        """Take 32 ms of sound from the microphone."""
        match self._ears.listen(window):
            case Change.BEGAN:
                self._learner_begins()
            case Change.ENDED:
                self._stand_in_line(self._ears.take())
            case Change.NONE:
                self._hold_breath()
                self._let_remarks_pass()
        peak = int(np.abs(window.astype(np.int32)).max()) / 32767
        level = float(np.sqrt(np.mean(window.astype(np.float32) ** 2))) / 32768
        trouble = self._microphone.feed(peak=peak, level=level, speech=self._ears.speech)
        if trouble is not None and not self._live:
            self._screen.tell("error", trouble)

    def _stand_in_line(self, utterance: Utterance) -> None:
        try:
            self._utterances.put_nowait(utterance)
        except asyncio.QueueFull:
            utterance.words.cancel()
            log.warning("utterance_refused", waiting=self._utterances.qsize())
            self._screen.tell("error", _TOO_FAST)

    @property
    def _live(self) -> bool:
        """Whether the teacher is thinking or speaking."""
        return self._turn is not None and not self._turn.done()

    def _hold_breath(self) -> None:
        """Be silent at the first sign of somebody who speaks, before it is sure; go on where it was none."""
        if not self._ears.stirring:
            if self._breath and not self._ears.open:
                self._breath = False
                self._mouth.resume()
        elif self._mouth.sounding and not self._mouth.held:
            if self._is_echo():
                self._ears.forget()
                return
            self._breath = True
            self._mouth.hold()
            self._drop()

    def _learner_begins(self) -> None:
        """Fall silent at once. Whether it was an interruption is seen when the words are known."""
        breath, self._breath = self._breath, False
        if self._mouth.sounding and self._is_echo():
            self._ears.forget()
            if breath:
                self._mouth.resume()
            return
        self._mouth.hold()
        self._drop()
        self._screen.tell("hearing", "I hear you …")

    def _is_echo(self) -> bool:
        played = np.frombuffer(self._mouth.heard(_ECHO_SECONDS + AHEAD_SECONDS), dtype="<i2")
        return is_echo(self._ears.recent, played, self._mouth.rate)

    def _was_echo(self, utterance: Utterance) -> bool:
        played = self._mouth.heard(_ECHO_SECONDS + AHEAD_SECONDS + utterance.audio.seconds)
        heard = np.frombuffer(utterance.audio.pcm, dtype="<i2")
        return is_mostly_echo(heard, np.frombuffer(played, dtype="<i2"), self._mouth.rate)

    async def _read(self, audio: Audio) -> str:
        """The words of an utterance, '' for none. Prepared in a pause, and thrown away if that was no end."""
        try:
            return (await self._services.teacher.listen(await self._place(), audio)).text
        except NothingHeard as error:
            log.info("nothing_heard", detail=str(error))
            return ""

    async def _take(self, utterance: Utterance) -> None:
        """An utterance has ended."""
        if not self._live:
            self._screen.tell("thinking", "Thinking …")
        words = await utterance.words
        if self._live and (self._is_remark(words) or self._was_echo(utterance)):
            self._go_on()
            return
        await self._interrupt()
        if not words:
            self._screen.tell("listening", NothingHeard.text)
            return
        self._screen.tell("thinking", "Thinking …")
        ms = round((perf_counter() - utterance.ended) * 1000)
        self._turn = asyncio.create_task(self._told(self._answer(words, ms, utterance.audio.seconds)))

    def _is_remark(self, words: str) -> bool:
        return backchannel(words) or echo(words, self._sentence)

    def _let_remarks_pass(self) -> None:
        """Go on as soon as the words are known for a mere remark: nobody is cut off, whatever comes next."""
        words = self._ears.words
        if words is not None and self._live and self._is_remark(words):
            self._ears.forget()
            self._go_on()

    def _go_on(self) -> None:
        """It was no interruption: nothing of the answer is lost."""
        if self._ears.open:
            return  # by now somebody speaks again
        self._mouth.resume()
        if self._mouth.sounding:
            self._screen.tell("speaking", "Speaking. Talk to interrupt.")
        else:
            self._screen.tell("thinking", "Thinking …")

    async def _interrupt(self) -> None:
        """Stop the turn that runs. What is kept of its answer is what was heard."""
        turn, self._turn = self._turn, None
        live = turn is not None and not turn.done()
        if turn is not None:
            turn.cancel()
            await asyncio.wait((turn,))
        heard = self._mouth.fall_silent()
        if not (live and self._turn_id) or self._silent:
            return
        await self._services.teacher.cut(self._learner, self._turn_id, self._playback.cut(heard))
        messages = await self._services.turns.messages(self._learner.id, self._conversation_id)
        self._screen.paint(bubbles(messages))

    async def _told(self, work: Awaitable[None]) -> None:
        """The edge of this connection: its tasks would end without a word."""
        try:
            await work
        except TutorError as error:
            log.warning("voice_turn_failed", code=error.code, detail=str(error))
            self._mouth.resume()
            self._screen.tell("error", error.text)
        except Exception:
            log.exception("voice_turn_broken")
            self._screen.tell("error", TutorError.text)

    async def _answer(self, words: str, ms: int, seconds: float) -> None:
        self._playback, self._turn_id, self._sentence, self._silent = Playback(), "", "", False
        place = await self._place()
        self._conversation_id = place.conversation_id
        events = self._services.teacher.answer(
            self._learner, place, words, via=Via.VOICE, heard_ms=ms, heard_seconds=seconds
        )
        stored = partial(self._services.turns.messages, self._learner.id, place.conversation_id)
        async with aclosing(growing(stored, self._sounding(events))) as pictures:
            async for picture in pictures:
                self._screen.paint(picture)
        await self._mouth.quiet()
        if not self._screen.troubled:
            self._screen.tell("listening", "Listening. Ask your next question.")

    async def _sounding(self, events: AsyncGenerator[TurnEvent]) -> AsyncGenerator[TurnEvent]:
        """The same events; what is spoken goes out as sound on the way."""
        async with aclosing(events):
            async for event in events:
                self._playback.follow(event)
                match event:
                    case Heard(turn_id=turn_id):
                        self._turn_id = turn_id
                    case Spoken(audio=None):
                        self._by_the_browser(event)
                    case Spoken():
                        self._mouth.say(event)
                    case Commanded():
                        self._screen.say(order_words(event))
                    case Waiting(text=text):
                        self._screen.tell("thinking", text)
                    case Failed(text=text):
                        self._screen.tell("error", text)
                yield event

    def _by_the_browser(self, sentence: Spoken) -> None:
        """It has no sound: the browser's own voice says it, and nobody knows when that is done."""
        now, self._silent = monotonic(), True
        begins = max(now, self._browser_until)
        self._browser_until = begins + sentence.seconds
        self._say(sentence, self._playback.sentences - 1, begins - now, speak=True)

    def _begun(self, sentence: Spoken, index: int) -> None:
        """A sentence begins to be heard."""
        self._sentence = f"{self._sentence} {sentence.text}"[-400:]
        self._screen.tell("speaking", "Speaking. Talk to interrupt.")
        self._say(sentence, index, AHEAD_SECONDS, speak=False)

    def _say(self, sentence: Spoken, index: int, starts_in: float, *, speak: bool) -> None:
        words = {"sentence": sentence.text, "index": index, "seconds": sentence.seconds}
        self._screen.say(json.dumps({**words, "starts_in": starts_in, "speak": speak}))
