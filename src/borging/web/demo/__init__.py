"""The page of the demonstration: turn its clock, and look around as somebody else."""
