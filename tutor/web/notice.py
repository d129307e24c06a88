"""A small page that tells a person something, where there is no other page to show."""

from html import escape
from typing import Final

_PAGE: Final = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    '<title>AI Programming Teacher</title><link rel="stylesheet" href="/ours/static/page.css">'
    '<link rel="stylesheet" href="/ours/static/account.css">'
    '<body><main id="own"><h1>{heading}</h1><p role="alert">{text}</p>{way}</main></body></html>'
)


def notice(heading: str, text: str, *, to: str = "", words: str = "") -> str:
    """The page as HTML.

    Args:
        heading: What has happened.
        text: What it means for the reader.
        to: Address of a page that helps; '' for none.
        words: Of the link to it.
    """
    way = f'<p><a href="{escape(to)}">{escape(words)}</a></p>' if to else ""
    return _PAGE.format(heading=escape(heading), text=escape(text), way=way)
