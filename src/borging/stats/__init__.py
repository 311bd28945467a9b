"""Numbers in, frozen results out. No Django, no files, no clock, no randomness without a seed."""
