"""The panel for talking: one button to start, what is going on, and the learner's choices.

Only the frame is made here. `static/voice.js` fills it, and shows of it what the state asks for.
"""

from collections.abc import Sequence
from html import escape

_ICON = (
    '<svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" fill="none" stroke="currentColor"'
    ' stroke-width="2" stroke-linecap="round" stroke-linejoin="round"{more}>{paths}</svg>'
)
_MICROPHONE = '<rect x="9" y="3" width="6" height="11" rx="3"/><path d="M5 11a7 7 0 0 0 14 0M12 18v3"/>'
_STROKE = '<path d="M4 4l16 16"/>'
_HANDSET = '<path d="M3 14c5-5 13-5 18 0l-2 3-4-2v-2.5c-2-.6-4-.6-6 0V15l-4 2z"/>'
_SLIDERS = (
    '<path d="M4 7h9M19 7h1M4 17h1M11 17h9"/><circle cx="16" cy="7" r="2.5"/><circle cx="8" cy="17" r="2.5"/>'
)

_SIGNS = {
    "asking connecting": '<circle cx="12" cy="12" r="8" stroke-dasharray="3 5"/>',
    "ready": '<circle cx="12" cy="12" r="8"/>',
    "listening": '<circle cx="12" cy="12" r="8"/><circle cx="12" cy="12" r="3" fill="currentColor"/>',
    "hearing": '<circle cx="12" cy="12" r="9"/><circle cx="12" cy="12" r="6" fill="currentColor"/>',
    "thinking": "".join(f'<circle cx="{x}" cy="12" r="1.5" fill="currentColor"/>' for x in (5, 12, 19)),
    "speaking": '<path d="M4 10v4h4l5 4V6L8 10zM16.5 9a4 4 0 0 1 0 6M19 6.5a8 8 0 0 1 0 11"/>',
    "muted": _MICROPHONE + _STROKE,
    "busy error": '<path d="M12 4l9 16H3zM12 10v4M12 17v.2"/>',
}
"""A shape for every state, so that colour never tells anything alone."""

SPEEDS = (
    ("0.8", "Slower"),
    ("0.9", "A little slower"),
    ("1", "Normal"),
    ("1.15", "A little faster"),
    ("1.3", "Faster"),
)
"""How fast the teacher speaks, as a share of the voice's own pace."""


def panel_html(*, hears: bool, voices: Sequence[tuple[str, str]]) -> str:
    """The panel.

    Args:
        hears: Whether this site can hear at all; without it nothing is left but reading aloud.
        voices: Value and name of each voice that the teacher can have.
    """
    signs = "".join(_icon(paths, f' data-for="{states}"') for states, paths in _SIGNS.items())
    level = '<span class="level" aria-hidden="true">' + "<i></i>" * 5 + "</span>"
    return (
        '<section id="talk-panel" data-state="off" aria-label="Talk with the teacher">'
        '<p id="talk-said" class="unseen" role="status"></p>'
        f'<div class="now" hidden><span class="sign">{signs}</span><span class="words"></span>{level}</div>'
        '<p class="caption" hidden><b></b> <span></span></p>'
        '<div class="trouble" role="alert" hidden><strong></strong> <span></span></div>'
        f'<div class="controls">{_talk() if hears else ""}{_choices(voices)}</div></section>'
    )


def _talk() -> str:
    return (
        f'<button type="button" id="talk" aria-pressed="false" aria-keyshortcuts="Control+Shift+Space">'
        f"{_icon(_MICROPHONE, ' class=start')}{_icon(_HANDSET, ' class=end')}<span>Talk</span></button>"
        f'<button type="button" id="mute" aria-pressed="false" hidden>'
        f"{_icon(_MICROPHONE + _STROKE, ' class=off')}{_icon(_MICROPHONE, ' class=on')}"
        "<span>Mute</span></button>"
        '<button type="button" id="leave" hidden>Done</button>'
    )


def _choices(voices: Sequence[tuple[str, str]]) -> str:
    return (
        f'<details id="voice-choices"><summary aria-label="Voice and speed" title="Voice and speed">'
        f"{_icon(_SLIDERS)}</summary><div>"
        f'<label>Voice <select id="choose-voice">{_options(voices, "")}</select></label>'
        f'<label>Speed <select id="choose-speed">{_options(SPEEDS, "1")}</select></label>'
        '<label class="tick"><input type="checkbox" id="choose-aloud"> Read typed answers aloud</label>'
        "<small>Ctrl + Shift + Space starts and mutes. Escape hangs up.</small></div></details>"
    )


def _options(choices: Sequence[tuple[str, str]], chosen: str) -> str:
    return "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(name)}</option>'
        for value, name in choices
    )


def _icon(paths: str, more: str = "") -> str:
    return _ICON.format(more=more, paths=paths)
