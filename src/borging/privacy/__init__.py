"""What is kept of people, for how long and for whom; who looked at whom; and having it all removed."""
