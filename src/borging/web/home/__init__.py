"""Today: what asks attention of whoever logs in, composed from what they are."""
