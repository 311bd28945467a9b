"""What happens by itself: where rooms meet in time. One worker process runs what is queued here."""
