"""An answer of the lesson guide, before it is streamed."""

from tutor.domain.chat import Source
from tutor.domain.quoting import Place
from tutor.domain.value import Value

NOTE = "*From the lesson; no model is connected.*"
OWN_NOTE = "*From the lesson and your own code; no model is connected.*"


class Reply(Value):
    """Blocks of Markdown, and the places that they rest on."""

    blocks: tuple[str, ...]
    sources: tuple[Source, ...] = ()
    own: bool = False
    """Whether it also rests on the learner's code, its error, or a check of it."""

    @property
    def markdown(self) -> str:
        """The whole answer, with the note that says where it comes from."""
        return "\n\n".join((*filter(None, self.blocks), OWN_NOTE if self.own else NOTE))


def reply(*blocks: str, at: tuple[Place, ...] = (), own: bool = False) -> Reply:
    """A reply of some blocks, empty ones left out, which rests on some places, each named once."""
    sources = tuple(dict.fromkeys(one.source for one in at))
    return Reply(blocks=tuple(filter(None, blocks)), sources=sources, own=own)
