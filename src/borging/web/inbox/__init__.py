"""Mail of the demonstration: kept in files instead of sent, and read on pages as the person it was for."""

from .backend import Backend

__all__ = ["Backend"]
