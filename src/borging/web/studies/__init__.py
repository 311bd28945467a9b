"""The pages of a study. They show what the effects room found and what the connectors noticed, so they stand here."""
