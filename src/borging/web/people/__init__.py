"""The pages of people: the list, one person, the file they come from, and who may do what."""
