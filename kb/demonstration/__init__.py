"""The demonstration collection: decks and literature of our own, built from the readable sources beside this file."""
