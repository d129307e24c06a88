"""AI Programming Teacher: lessons in Python with a teacher who listens, answers and remembers."""

import os

# Before numpy is imported: the guard's products are small, and a second thread for them would wait for a
# core that hears, speaks or writes.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
