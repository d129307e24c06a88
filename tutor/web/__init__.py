"""The browser's front. Whatever is imported here runs before Gradio is."""

from tutor.web import no_stubs

no_stubs.install()
