"""What runs in a cell cannot reach the app: tricks tried from inside, in a real Chromium."""

import re
import textwrap

import httpx
import pytest
from playwright.sync_api import Locator, Page

from tests.web.runner.hands import run
from tutor.web.runner import FRAME_POLICY

pytestmark = pytest.mark.browser

BEFORE = """
import js, pyodide_js
from pyodide.code import run_js
from pyodide.ffi import create_proxy, run_sync, to_js
site = "{site}"
me = site + "/api/v1/auth/me"
def made(**options):
    return to_js(options, dict_converter=js.Object.fromEntries)
def soon(promise):
    # A promise that never settles has reached nothing either.
    def late(resolve, reject):
        js.setTimeout(create_proxy(lambda: reject(js.Error.new("nothing came"))), 1500)
    return run_sync(js.Promise.race(to_js([promise, js.Promise.new(create_proxy(late))])))
def event(thing, *names):
    def wait(resolve, reject):
        thing.addEventListener(names[0], create_proxy(lambda e: resolve(e)))
        for name in names[1:]:
            thing.addEventListener(name, create_proxy(lambda e: reject(js.Error.new(name))))
    return soon(js.Promise.new(create_proxy(wait)))
def source(text):
    return js.URL.createObjectURL(js.Blob.new(to_js([text]), made(type="text/javascript")))
"""
TRICKS = {
    "the document": "print(js.document.cookie)",
    "the window": "print(js.window.document.title)",
    "the parent": "print(js.parent.document.title)",
    "the top window": "print(js.top.location.href)",
    "the opener": "print(js.opener.location.href)",
    "the frame's own page": "print(js.self.frames.length)",
    "cookies of the worker": "print(soon(js.cookieStore.getAll()).length)",
    "localStorage": "js.localStorage.setItem('x', '1')",
    "sessionStorage": "js.sessionStorage.setItem('x', '1')",
    "IndexedDB": "event(js.indexedDB.open('x'), 'success', 'error')",
    "the cache storage": "soon(js.caches.open('x'))",
    "private files": "soon(js.navigator.storage.getDirectory())",
    "locks": "soon(js.navigator.locks.request('x', create_proxy(lambda lock: 1)))",
    "fetch with cookies": "print(soon(js.fetch(me, made(credentials='include'))).status)",
    "fetch of a page": "print(soon(js.fetch(site + '/')).status)",
    "fetch without reading": "soon(js.fetch(me, made(mode='no-cors', credentials='include')))",
    "fetch from another realm": "print(soon(js.fetch.call(js.self, js.Request.new(me))).status)",
    "signing the learner out":
        "o = made(method='POST', mode='no-cors', credentials='include')\n"
        "soon(js.fetch(site + '/api/v1/auth/sign-out', o))",
    "another host": "print(soon(js.fetch('https://example.org/')).status)",
    "XMLHttpRequest":
        "x = js.XMLHttpRequest.new()\nx.open('GET', me, False)\n"
        "x.withCredentials = True\nx.send()\nprint(x.responseText)",
    "WebSocket": "event(js.WebSocket.new(site.replace('http', 'ws') + '/'), 'open', 'error')",
    "EventSource": "event(js.EventSource.new(site + '/gradio_api/queue/data'), 'open', 'error')",
    "WebTransport": "soon(js.WebTransport.new('https://localhost:1').ready)",
    "WebRTC": "js.RTCPeerConnection.new()",
    "a beacon": "js.navigator.sendBeacon(me, 'x')",
    "importScripts": "js.importScripts(site + '/ours/static/page.js')",
    "importScripts of data": "js.importScripts('data:text/javascript,self.reached=1')",
    "an imported module": "soon(js.eval(f\"import('{site}/ours/static/runner_editor.js')\"))",
    "eval": "js.eval('1')",
    "Function": "js.Function.new('return 1')()",
    "JavaScript by Pyodide": "run_js('fetch')",
    "a worker of the site": "event(js.Worker.new(site + '/ours/static/page.js'), 'message', 'error')",
    "a worker of its own that fetches":
        "text = f\"fetch('{me}', {{credentials: 'include'}}).then((a) => postMessage(a.status))\"\n"
        "w = js.Worker.new(source(text))\n"
        "event(w, 'message', 'error')",
    "a worker of its own that imports":
        "w = js.Worker.new(source(f\"importScripts('{site}/ours/static/page.js'); postMessage(1)\"))\n"
        "event(w, 'message', 'error')",
    "a shared worker": "js.SharedWorker.new(site + '/ours/static/page.js')",
    "a service worker": "soon(js.navigator.serviceWorker.register(site + '/ours/static/page.js'))",
    "Python's own requests": "import urllib.request\nurllib.request.urlopen(me)",
    "Python's own sockets":
        "import socket\nport = int(site.rsplit(':')[-1])\n"
        "socket.create_connection(('localhost', port), 1).send(b'GET /')",
    "Pyodide's requests": "from pyodide.http import open_url\nprint(open_url(me).read())",
    "Pyodide's fetch": "from pyodide.http import pyfetch\nprint(run_sync(pyfetch(me)).status)",
    "a package from elsewhere": "run_sync(pyodide_js.loadPackage('numpy'))\nimport numpy",
    "the files of the learner's machine": "import os\nprint(open('/etc/passwd').read())",
    "another program": "import subprocess\nsubprocess.run(['ls'])",
    "a font of the site": "soon(js.FontFace.new('x', f'url({site}/ours/static/mark.svg)').load())",
    "notifications": "event(js.Notification.new('x'), 'show', 'error')",
}  # fmt: skip


def tried(cell: Locator, site: str, code: str) -> str:
    """Run code in a cell; gives all that the cell shows."""
    return run(cell, BEFORE.format(site=site) + code)


def test_the_tricks_are_tried_from_a_place_that_works(lesson: Page, cell: Locator, site: str) -> None:
    """A mistake in the tricks' own tools would look like safety."""
    own = "w = js.Worker.new(source('postMessage(7)'))\nprint(event(w, 'message', 'error').data)"
    assert tried(cell, site, f"{own}\nprint(js.origin, js.location.protocol)").split() == [
        "7",
        "null",
        "blob:",
    ]
    from_the_page = "fetch('/api/v1/auth/me', {credentials: 'include'}).then((answer) => answer.status)"
    assert lesson.evaluate(from_the_page) == 200


@pytest.mark.parametrize("trick", TRICKS)
def test_a_cell_cannot_reach(cell: Locator, site: str, trick: str) -> None:
    """Code that a learner pastes from somewhere would act in the learner's name."""
    code = "def trick():\n" + textwrap.indent(TRICKS[trick], "    ") + "\ntrick()\nprint('REA' + 'CHED')"
    shown = tried(cell, site, code)
    assert "REACHED" not in shown
    # The cell failed by itself, and not by a mistake in these tests.
    assert re.search(r"^(\w+\.)*\w*(Error|Exception)\b", shown, re.MULTILINE), shown
    assert not re.search(r"SyntaxError|NameError|TypeError: \w+\(\) ", shown), shown


def test_messages_do_not_reach_the_page(lesson: Page, cell: Locator, site: str) -> None:
    """A cell could talk to scripts of the app, or give itself a passed exercise of another cell."""
    lesson.evaluate(
        "() => { window.heard = []; addEventListener('message', (event) => window.heard.push(event.data));"
        " new BroadcastChannel('tutor').onmessage = (event) => window.heard.push(event.data); }"
    )
    tried(
        cell,
        site,
        "js.BroadcastChannel.new('tutor').postMessage('hello')\n"
        "for kind in ('tutor:ran', 'ready', 'crash', '__proto__', 'constructor', 'done'):\n"
        '    js.postMessage(made(type=kind, id=1, answer=\'{"ok": true, "passed": true}\'))\n'
        "js.postMessage(None)\n"
        "js.postMessage(made(type='output', kind='verdict passed', text='for' + 'ged'))",
    )
    assert lesson.evaluate("window.heard") == []
    assert cell.locator(".verdict").count() == 0
    assert "forged" not in lesson.locator("#lesson").inner_text()


def test_the_learner_is_still_signed_in_and_the_page_untouched(lesson: Page) -> None:
    """One of the tricks would have worked without showing it."""
    assert lesson.evaluate("fetch('/api/v1/auth/me').then((answer) => answer.status)") == 200
    assert lesson.title() == "AI Programming Teacher"
    assert lesson.evaluate("localStorage.getItem('x') ?? sessionStorage.getItem('x')") is None
    frame = lesson.locator("iframe[title=Python]")
    assert frame.get_attribute("sandbox") == "allow-scripts"


def test_the_frame_is_a_sandbox_by_itself(site: str) -> None:
    """Opened in a tab of its own, the frame's page would be a page of the app."""
    with httpx.Client(base_url=site) as learner:
        learner.post("/api/v1/auth/guest")
        policies = learner.get("/runner/frame").headers.get_list("content-security-policy")
    assert FRAME_POLICY in ", ".join(policies)
    assert "sandbox allow-scripts;" in FRAME_POLICY
    assert "default-src 'none'" in FRAME_POLICY
    for word in ("connect-src", "allow-same-origin", "'unsafe-inline'", "'unsafe-eval'", "http", "*"):
        assert word not in FRAME_POLICY
