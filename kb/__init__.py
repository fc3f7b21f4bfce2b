"""kb: a knowledge base that people in Dutch higher education search by meaning."""
