"""The timelines of an employee as pages show them, and what a user presses there."""
