"""The one door for numbers: a figure carries its margin, denominator and rung in every form it leaves in."""
