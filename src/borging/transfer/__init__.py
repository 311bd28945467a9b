"""Transferacties nemen: who does what before, during and after a training, so that it is applied."""
