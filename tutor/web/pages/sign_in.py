"""The first page: start at once, or sign in. It has no server functions; its script calls the API."""

import gradio as gr

from tutor.settings import Settings
from tutor.web.look import HEAD, theme

_HERO = """
<div class="hero">
<p class="brand"><img src="/ours/static/mark.svg" alt="" width="28" height="28"> AI Programming Teacher</p>
<h1>Learn Python by doing, with a teacher who listens.</h1>
<p class="lead">Open a chapter, read its cells, and ask whenever you are stuck, by voice or by typing.</p>
</div>
"""


def sign_in_page(settings: Settings) -> gr.Blocks:
    """The Blocks of the first page."""
    page: gr.Blocks
    with (
        gr.Blocks(
            title="Sign in · AI Programming Teacher",
            theme=theme(),
            head=HEAD.format(script="sign_in.js"),
            analytics_enabled=False,
        ) as page,
        gr.Column(elem_id="welcome"),
    ):
        gr.HTML(_HERO, padding=False)
        if settings.guests:
            gr.Button("Start the first lesson", variant="primary", elem_id="guest")
            gr.HTML(
                '<p class="small">No account needed. A guest\'s work is kept for one day.</p>',
                padding=False,
            )
        with gr.Column(elem_id="account"):
            gr.HTML("<h2>Keep your work: use an account</h2>", padding=False)
            gr.Textbox(label="Name", elem_id="name", max_length=40, html_attributes=_typed("username"))
            gr.Textbox(
                label="Password (8 characters or more)",
                type="password",
                elem_id="password",
                max_length=200,
                html_attributes=_typed("current-password"),
            )
            with gr.Row():
                gr.Button("Sign in", elem_id="sign-in", variant="secondary" if settings.guests else "primary")
                if settings.sign_up:
                    gr.Button("Create account", elem_id="sign-up", variant="secondary")
        gr.HTML('<p id="problem" role="alert"></p>', padding=False)
    return page


def _typed(autocomplete: str) -> gr.InputHTMLAttributes:
    return gr.InputHTMLAttributes(autocomplete=autocomplete, autocapitalize="off", spellcheck=False)
