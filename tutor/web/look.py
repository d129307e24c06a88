"""How the pages look: one theme, one style sheet, nothing from another host."""

from pathlib import Path

import gradio as gr

STATIC = Path(__file__).parent / "static"
HEAD = (
    '<meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content">'
    '<link rel="icon" href="/ours/static/mark.svg" type="image/svg+xml">'
    # A link, not Blocks(css=...): that one reaches no further than Gradio's container.
    '<link rel="stylesheet" href="/ours/static/page.css">'
    '<link rel="stylesheet" href="/ours/static/workbook.css">'
    '<link rel="stylesheet" href="/ours/static/voice.css">'
    '<script type="module" src="/ours/static/{script}"></script>'
)

_SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Noto Sans", "sans-serif")
_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "DejaVu Sans Mono", "monospace")


def theme() -> gr.themes.Base:
    """Gradio's plainest theme with one accent colour and the reader's own fonts."""
    return gr.themes.Base(
        primary_hue=gr.themes.colors.teal,
        secondary_hue=gr.themes.colors.teal,
        neutral_hue=gr.themes.colors.stone,
        radius_size=gr.themes.sizes.radius_md,
        font=_SANS,
        font_mono=_MONO,
    ).set(
        body_background_fill="#faf9f6",
        body_background_fill_dark="#171614",
        background_fill_primary="#ffffff",
        background_fill_primary_dark="#1f1d1b",
        button_primary_background_fill="#0f766e",
        button_primary_background_fill_hover="#115e59",
        button_primary_text_color="#ffffff",
        button_primary_background_fill_dark="#0f766e",
        button_primary_background_fill_hover_dark="#0d9488",
        button_secondary_background_fill="transparent",
        button_secondary_background_fill_hover="#f4f2ed",
        button_secondary_border_color="#d8d3c9",
        button_secondary_background_fill_dark="transparent",
        button_secondary_background_fill_hover_dark="#2a2724",
        button_secondary_border_color_dark="#4a453f",
        button_border_width="1px",
        button_primary_border_color="transparent",
        input_background_fill="transparent",
        input_background_fill_dark="transparent",
        block_border_width="0px",
        block_border_width_dark="0px",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_shadow="none",
        block_padding="0px",
    )
