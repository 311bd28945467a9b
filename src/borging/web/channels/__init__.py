"""Channels in Teams and Slack: which there are, and what Borging says there by itself."""
