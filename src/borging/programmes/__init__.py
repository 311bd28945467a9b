"""A training as it is followed: programme, behaviours, sessions, cohorts, and who takes part."""
