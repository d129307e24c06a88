"""AI Programming Teacher: lessons in Python with a teacher who listens, answers and remembers."""

__version__ = "0.1.0"
