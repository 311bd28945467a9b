"""Koppelingen: one module or folder per outside standard."""
