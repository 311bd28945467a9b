"""Pages of what was measured: the released figures of a programme, and everybody's own line."""
