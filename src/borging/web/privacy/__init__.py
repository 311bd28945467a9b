"""What is kept of people in general, for who guards it; and removing a person."""
