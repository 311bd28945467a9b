"""What happened: one append-only table, in which every room writes and reads what others wrote."""
