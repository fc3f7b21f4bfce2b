"""kb: a knowledge base that people in Dutch higher education search by meaning."""

__version__ = "0.2.0.dev0"
