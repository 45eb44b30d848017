"""Emails without a secret: to an employee about another username or the first day, to a manager about a newcomer."""
