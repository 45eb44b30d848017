"""Finds accounts that an employee may have already, before the portal creates another."""
