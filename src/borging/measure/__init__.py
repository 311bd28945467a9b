"""Effecten van leren meten: paired measurements of knowledge and behaviour, released as figures."""
