"""What one answer has told the learner so far, over all the rungs that took part in it."""

from collections import Counter

from tutor.domain.chat import Author, ChatMessage, ChatRequest, Finish, Restart
from tutor.domain.fence import tokens
from tutor.domain.prompt import size
from tutor.rungs import Rung
from tutor.services.seam import CONTINUE, Seam


class Told:
    """The state of one answer."""

    def __init__(self, request: ChatRequest, *, used: float, began: float) -> None:
        """Begin with nothing said.

        Args:
            request: As the pipeline sent it.
            used: The share of the budget that is used.
            began: On the ladder's clock.
        """
        self.original = request
        self.used = used
        self.began = began
        self.cost = 0.0
        """US dollars of attempts that did not finish, estimated from what they sent."""
        self.done = False
        """True once the answer is complete."""
        self.cuts: Counter[str] = Counter()
        """How often which rung broke off."""
        self.last_tokens = 0
        """Of the last attempt, counted or estimated."""
        self._spoken = request.brief is not None and request.brief.spoken
        self._said: list[str] = []
        self._own = 0
        """Where the running attempt's words begin in `_said`."""
        self._seam: Seam | None = None

    @property
    def turn_id(self) -> str:
        """For the log."""
        return self.original.turn_id

    @property
    def learner_id(self) -> str:
        """For the budget."""
        return self.original.learner_id

    @property
    def restarts(self) -> bool:
        """Whether what was said so far has to be taken back before another rung answers."""
        return bool(self._said) and not self._spoken

    def request(self) -> ChatRequest:
        """What to ask now: the question, or to go on with what is already spoken."""
        if not self._said or not self._spoken:
            return self.original
        said = "".join(self._said)
        self._seam = Seam(said)
        more = (
            ChatMessage(author=Author.TEACHER, content=said),
            ChatMessage(author=Author.LEARNER, content=CONTINUE),
        )
        return self.original.model_copy(update={"messages": (*self.original.messages, *more)})

    def restart(self, rung: str) -> Restart:
        """Forget what was said."""
        self._said.clear()
        self._own = 0
        return Restart(rung=rung)

    def bridge(self) -> str:
        """What separates a spoken fragment from another answer; '' where nothing was said."""
        return "\n\n" if self._said else ""

    def take(self, text: str) -> str:
        """What the learner gets of the next piece."""
        if self._seam is not None:
            text = self._seam.feed(text)
        if text:
            self._said.append(text)
        return text

    def flush(self) -> str:
        """What was held back at the end."""
        rest = self._seam.flush() if self._seam is not None else ""
        if rest:
            self._said.append(rest)
        return rest

    def cut(self, rung: Rung) -> None:
        """The running attempt broke off: its words are paid for all the same."""
        self.cuts[rung.name] += 1
        prompt, completion = self._estimate()
        self.cost += rung.price.of(prompt, completion)
        self.last_tokens = completion
        self._own = len(self._said)

    def priced(self, finish: Finish, rung: Rung) -> Finish:
        """The end of the answer, with tokens (estimated where nobody counted them) and the whole cost."""
        prompt, completion = finish.prompt_tokens, finish.completion_tokens
        if not (prompt or completion):
            prompt, completion = self._estimate()
        self.last_tokens = completion
        cost = self.cost + rung.price.of(prompt, completion)
        return finish.model_copy(
            update={"prompt_tokens": prompt, "completion_tokens": completion, "cost": cost}
        )

    def _estimate(self) -> tuple[int, int]:
        return size(self.original.messages), tokens("".join(self._said[self._own :]))
