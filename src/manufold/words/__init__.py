"""Sentences for reasons and refusals: one catalogue per language, worded only at the edges."""

from manufold.words.catalogue import LANGUAGES, missing, sentences, term, word

__all__ = ["LANGUAGES", "missing", "sentences", "term", "word"]
