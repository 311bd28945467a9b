"""What is asked of whom, when and through which channel, and how it is answered in place."""
