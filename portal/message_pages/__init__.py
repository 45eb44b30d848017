"""The pages on which users write to candidates and see what became of each message."""
