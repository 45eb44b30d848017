"""Home: what needs a person this week, and what happened, by day."""
