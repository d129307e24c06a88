"""The line at the top: where this is, who is here, and which mode the site is in."""

from html import escape

from tutor.domain.learner import Learner, Role
from tutor.services.mode import Mode


def header_html(learner: Learner) -> str:
    """Brand, buttons for the side columns, and the learner."""
    name = "Guest" if learner.role is Role.GUEST else learner.name
    return (
        '<div class="bar"><button type="button" id="fold" aria-expanded="true" aria-controls="chapters" '
        'aria-label="Chapters">☰</button>'
        '<span class="brand"><img src="/ours/static/mark.svg" alt="" width="24" height="24"> '
        "AI Programming Teacher</span>"
        '<a class="progress" href="/progress">Progress</a>'
        f'<a class="who" href="/account" aria-label="{escape(name)}: your account">{escape(name)}</a>'
        '<button type="button" id="sign-out">Sign out</button></div>'
    )


def banner_html(mode: Mode) -> str:
    """Who answers, and whether voice works."""
    kind = "model" if mode.models else "guide"
    return f'<p class="banner {kind}" role="status">{escape(mode.banner)}</p>'
