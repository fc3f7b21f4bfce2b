"""A query walks through: rankings by meaning and by words become hits, hits become evidence, evidence an answer."""
