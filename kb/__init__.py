"""kb: a knowledge base that people in Dutch higher education search by meaning."""

import os

# numpy reads this when it is imported. Its matrix products here are small, and with more threads than one each of them ends
# with the others spinning for tens of milliseconds, on the processor that the next thread of a search needs.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.2.0.dev0"
