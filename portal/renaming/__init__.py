"""Another username for an account: the rules, the steps, and what is told of it."""
