"""The lesson page: chapters, lesson and teacher side by side, and what a press of each button calls."""

from typing import Any

import gradio as gr
from fastrtc import WebRTC

from tutor.domain.manner import BROWSER
from tutor.errors import SignInRequired
from tutor.services.mode import Readiness
from tutor.services.services import Services
from tutor.web.identity import current_learner
from tutor.web.look import HEAD, theme
from tutor.web.pages.desk import READY_TO_ASK, Desk
from tutor.web.pages.place import place_of
from tutor.web.pages.style import style_html
from tutor.web.pages.voice import LessonVoice
from tutor.web.pages.voice_panel import panel_html
from tutor.web.voice.offers import Offers
from tutor.web.voice.packets import take_at_once

_UNLIMITED: dict[str, Any] = {"concurrency_limit": None, "show_progress": "hidden", "api_name": False}
"""One learner's answer must not wait for another's: Gradio's own default is one at a time."""


def lesson_page(services: Services) -> gr.Blocks:
    """The Blocks of the lesson page."""
    desk = Desk(services)
    page: gr.Blocks
    with gr.Blocks(
        title="AI Programming Teacher",
        theme=theme(),
        head=HEAD.format(script="page.js") + _sites(services.settings.frame_ancestors),
        analytics_enabled=False,
        fill_width=True,
    ) as page:
        header = gr.HTML(elem_id="top", padding=False)
        with gr.Row(elem_id="desk", equal_height=False):
            with gr.Column(elem_id="chapters", min_width=0):
                chapters = gr.HTML(padding=False)
            with gr.Column(elem_id="lesson", min_width=0):
                lesson = gr.HTML(padding=False)
            with gr.Column(elem_id="teacher", min_width=0):
                banner = gr.HTML(padding=False)
                with gr.Row(elem_id="talks"):
                    past = gr.Dropdown(
                        label="Conversation",
                        show_label=False,
                        container=False,
                        filterable=False,
                        elem_id="past",
                    )
                    fresh = gr.Button("New", size="sm", elem_id="fresh", variant="secondary")
                chat = gr.Chatbot(
                    type="messages",
                    elem_id="chat",
                    show_label=False,
                    label="Conversation with the teacher",
                    show_copy_button=False,
                    group_consecutive_messages=False,
                    feedback_options=None,
                    editable="user",
                    height="100%",
                    placeholder="Ask anything about this chapter.",
                )
                with gr.Column(elem_id="dock"):
                    question = gr.Textbox(
                        placeholder="Ask the teacher …",
                        label="Your question",
                        show_label=False,
                        container=False,
                        lines=1,
                        max_lines=6,
                        max_length=services.settings.max_message_chars,
                        submit_btn=True,
                        elem_id="question",
                    )
                    gr.HTML('<p id="allowance" role="status"></p>', padding=False)
                    gr.HTML(style_html(services.settings.styles), elem_id="style-place", padding=False)
                    voice = _voice(services)
                    gr.HTML(
                        panel_html(hears=voice is not None, voices=_voices(services)),
                        elem_id="talk-place",
                        padding=False,
                    )
        with gr.Column(elem_classes="unseen"):
            # Read and written by page.js. All of it is the client's to change, and is checked at every use.
            place = gr.Textbox(elem_id="place", show_label=False)
            work = gr.Textbox(elem_id="work", show_label=False)
            goto = gr.Textbox(elem_id="goto", show_label=False)
            about = gr.Textbox(elem_id="about", show_label=False)
            aloud = gr.Textbox(elem_id="aloud", show_label=False)
            state = gr.HTML(elem_id="voice-state", padding=False)
            reread = gr.Textbox(elem_id="reread", show_label=False)
            order = gr.Textbox(elem_id="order", show_label=False)

        opened = [chapters, lesson, place, chat, past]
        loaded = page.load(desk.load, None, [header, banner, *opened], **_UNLIMITED)
        gone = goto.input(desk.open, goto, opened, **_UNLIMITED)
        past.input(desk.turn_back, past, opened, cancels=[loaded, gone], **_UNLIMITED)
        fresh.click(desk.begin, place, [place, chat, past], cancels=[loaded, gone], **_UNLIMITED)
        # A learner who asks does not wait for the greeting to end.
        asking = {"inputs": [question, place, work], "outputs": [chat, question, past, order], **_UNLIMITED}
        asked = question.submit(desk.ask, cancels=[loaded, gone], **asking)
        chosen = chat.option_select(_chosen, None, question, cancels=[loaded, gone], **_UNLIMITED).then(
            desk.ask, **asking
        )
        edited = chat.edit(
            desk.edit, [place, work], chat, cancels=[loaded, gone, asked, chosen], **_UNLIMITED
        )
        explained = about.input(desk.explain, [about, place], chat, cancels=[loaded, gone], **_UNLIMITED)
        order.change(None, order, None, js="(words) => window.tutorOrder(words)")
        question.stop(
            lambda: READY_TO_ASK, None, question, cancels=[asked, chosen, edited, explained], **_UNLIMITED
        )
        aloud.change(None, aloud, None, js="(words) => window.tutorReadAloud(words)")
        for answered in (asked, chosen):
            answered.then(desk.read_aloud, place, aloud, **_UNLIMITED)
        reread.input(desk.reread, place, [chat, past], **_UNLIMITED)
        if voice is not None:
            _talk(voice, services, [place, work], [chat, state, aloud])
    return page


def _chosen(event: gr.SelectData) -> str:
    return str(event.value)


def _voices(services: Services) -> list[tuple[str, str]]:
    """Value and name of the voices that a learner can choose from."""
    own = [("", "Teacher")] if services.mode.has_voice else []
    own += [(name, name.capitalize()) for name in services.voices]
    return [*own, (BROWSER, "My device")]


def _sites(origins: tuple[str, ...]) -> str:
    """Whom embed.js may speak to; origins were checked when the settings were read."""
    return f'<meta name="tutor-sites" content="{" ".join(origins)}">' if origins else ""


def _voice(services: Services) -> WebRTC | None:
    if services.mode.hears is Readiness.OFF:
        return None

    take_at_once()

    async def relays() -> dict[str, Any]:
        if current_learner.get() is None:
            raise SignInRequired("relays without a session")
        return await services.relays()

    stun = services.settings.stun
    return WebRTC(
        rtc_configuration=relays,  # asked for every call: credentials are short-lived
        server_rtc_configuration={"iceServers": [] if stun == "off" else [{"urls": stun}]},
        modality="audio",
        mode="send-receive",
        full_screen=False,  # its overlay would swallow every click on the page
        elem_id="voice",
        label="Talk with the teacher",
        show_label=False,
        container=False,
        button_labels={"start": "talk", "stop": "stop", "waiting": "wait"},  # voice.js reads them
    )


def _talk(voice: WebRTC, services: Services, inputs: list[Any], outputs: list[Any]) -> None:
    Offers(voice)
    voice.stream(
        LessonVoice(services, place_of),
        inputs=[voice, *inputs],
        outputs=[voice],
        # LessonVoice counts the seats, and tells who finds none; FastRTC would refuse without a word.
        concurrency_limit=services.settings.voice_sessions * 4 + 16,
    )
    voice.on_additional_outputs(
        _heard, outputs=outputs, queue=True, concurrency_limit=None, show_progress="hidden"
    )


def _heard(*updates: Any) -> tuple[Any, ...]:  # noqa: ANN401 - whatever Gradio takes
    """Conversation, state and words to read aloud; None where there is nothing new."""
    return tuple(gr.skip() if update is None else update for update in updates)
