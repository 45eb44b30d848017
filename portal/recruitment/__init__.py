"""Vacancies, candidates and their applications: rules and rows, no page."""
