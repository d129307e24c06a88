"""The one entry: `python app.py` serves the page. Hugging Face Spaces runs the same file."""

import gc
import os
import sys

# Before gradio is imported: it would report every start to its makers.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
# What imports make stays. To look for garbage among it takes half a second of every start.
gc.disable()

import uvicorn

from tutor import garbage, log
from tutor.errors import SettingsError
from tutor.settings import load_settings
from tutor.web.draining import DrainingServer
from tutor.web.server import create_app
from tutor.wiring import build


def main() -> None:
    """Settings, services, page."""
    settings = load_settings()
    log.configure(settings.log_level, settings.log_format)
    services = build(settings)
    app = create_app(services)
    garbage.keep()
    shown = "localhost" if settings.host in ("0.0.0.0", "::", "127.0.0.1") else settings.host  # noqa: S104
    print(f"Open http://{shown}:{settings.port} in your browser. Stop with Ctrl+C.", flush=True)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=4_000,  # connections: each open page holds two or three; beyond, 503
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=15,
        timeout_keep_alive=75,  # longer than proxies (60 s): else one may send just as we hang up
    )
    DrainingServer(config, services.drain).run()


if __name__ == "__main__":
    try:
        main()
    except SettingsError as error:
        sys.exit(error.text)
