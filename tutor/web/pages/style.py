"""The learner's choice how to be taught: a small list near the question box."""

from collections.abc import Sequence

from tutor.domain.style import NAMES, Style


def style_html(styles: Sequence[Style]) -> str:
    """The list, or nothing where the owner leaves no choice. static/style.js remembers what was chosen."""
    if len(styles) < 2:
        return ""
    options = "".join(f'<option value="{style.value}">{NAMES[style]}</option>' for style in styles)
    return f'<label class="style">The teacher should <select id="choose-style">{options}</select></label>'
