"""The groups of an account on its card: what a move would change by the rules, and Swap groups."""
