"""The demonstration: an organisation with a past that is made up, and people who answer while its clock is turned."""
