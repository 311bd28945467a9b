"""Backups: every row and every file of an installation in one encrypted file, and back from it."""
