"""Course text as HTML: only Markdown becomes markup."""

import pytest

from tutor.web.pages.markup import code_html, markdown_html

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "[click](vbscript:x)",
    "[click](data:text/html;base64,PHNjcmlwdD4=)",
    "[click](JaVaScRiPt&colon;alert(1))",
    '![x" onerror="alert(1)](a.png)',
    '![alt](a.png"onerror="alert(1))',
    "<javascript:alert(1)>",
    "```<script>\nx\n```",
    '```python" onclick="alert(1)\nx\n```',
    "`<b onclick=alert(1)>`",
    "| <i onclick=alert(1)> |\n|---|\n| x |",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_html_is_shown_and_not_obeyed(text: str) -> None:
    """A course that somebody else wrote could run scripts in a learner's session."""
    html = markdown_html(text).lower()
    for tag in ("<script", "<img src=x", "<b ", "<i "):
        assert tag not in html
    for part in html.split("<")[1:]:
        inside = part.split(">")[0]
        assert " on" not in inside.replace("&quot; on", ""), html
        assert "javascript:" not in inside
        assert "vbscript:" not in inside
        assert "data:text" not in inside


def test_markdown_becomes_markup() -> None:
    """A lesson would be shown as plain text."""
    html = markdown_html("## Loops\n\n**Bold**, ~~old~~, `n`\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- one\n")
    for element in ("<h2>Loops</h2>", "<strong>Bold</strong>", "<s>old</s>", "<code>n</code>", "<td>1</td>"):
        assert element in html
    assert "<li>one</li>" in html


def test_pictures_come_from_the_course() -> None:
    """A picture would be looked for beside the page, or fetched from another host."""
    html = markdown_html("![A loop.](<figures/a b.svg>)", image_url=lambda path: f"/files/c/{path}")
    assert html.strip() == '<p><img src="/files/c/figures/a%20b.svg" alt="A loop." loading="lazy"></p>'
    foreign = markdown_html("![x](https://a.example/x.png)", image_url=lambda path: f"/files/c/{path}")
    assert 'src="/files/c/https://' in foreign


@pytest.mark.parametrize(
    ("text", "language"), [("```python\nif x:\n    y\n```", "python"), ("```\nno language\n```", "")]
)
def test_code_keeps_its_lines(text: str, language: str) -> None:
    """Indentation, which is meaning in Python, would be lost."""
    html = markdown_html(text)
    assert '<pre class="code" tabindex="0"><code>' in html
    assert ("    " in html) is (language == "python")


def test_code_is_escaped() -> None:
    """`a < b` would swallow the rest of the cell."""
    html = code_html("print('<b>') if a < b & c else None")
    assert "<b>" not in html
    assert "&lt;" in html
    assert "&amp;" in html
    assert code_html("x = '</code></pre><script>'").count("</pre>") == 1
    assert "<script" not in code_html("# <script>", "text")
