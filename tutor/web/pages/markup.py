"""Course text as HTML. Whatever a course file holds is escaped; only Markdown becomes markup."""

from collections.abc import Callable
from html import escape
from urllib.parse import quote

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonConsoleLexer, PythonLexer, TextLexer

_LEXERS = {"python": PythonLexer, "py": PythonLexer, "pycon": PythonConsoleLexer}


def code_html(source: str, language: str = "python") -> str:
    """Highlighted source, as `<pre>`."""
    lexer = _LEXERS.get(language, TextLexer)(stripnl=False)
    inner = highlight(source.rstrip() + "\n", lexer, HtmlFormatter(nowrap=True))
    # A long line scrolls sideways; tabindex lets the keyboard do that, too.
    return f'<pre class="code" tabindex="0"><code>{inner}</code></pre>'


def markdown_html(text: str, *, image_url: Callable[[str], str] = lambda path: path) -> str:
    """Markdown as HTML.

    Args:
        text: Markdown; HTML in it is shown, not obeyed.
        image_url: Gives the address of a picture from its path in the course folder.
    """
    markdown = MarkdownIt("commonmark", {"html": False, "highlight": _fence}).enable(
        ["table", "strikethrough"]
    )
    markdown.add_render_rule("image", _picture(image_url))
    rendered: str = markdown.render(text)
    return rendered


def course_markdown(course: str) -> Callable[[str], str]:
    """Turns Markdown of a course into HTML: its pictures come from the course's folder.

    Args:
        course: Slug of the course.
    """

    def picture_url(path: str) -> str:
        return f"/files/{course}/{quote(path)}"

    return lambda text: markdown_html(text, image_url=picture_url)


def _fence(source: str, language: str, _attributes: str) -> str:
    return code_html(source, language or "text")


def _picture(image_url: Callable[[str], str]) -> Callable[..., str]:
    def picture(_: RendererHTML, tokens: list[Token], index: int, *__: object) -> str:
        token = tokens[index]
        source, alt = image_url(str(token.attrs.get("src", ""))), token.content
        return f'<img src="{escape(source)}" alt="{escape(alt)}" loading="lazy">'

    return picture
