"""Organisations and the people in them: who they are, and who may see what."""
