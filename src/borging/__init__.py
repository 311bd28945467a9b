"""Borging makes learning stick at work, and shows honestly whether it mattered."""

__version__ = "0.1.0"
