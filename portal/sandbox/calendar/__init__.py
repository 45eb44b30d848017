"""Calendars of people as Exchange keeps them.

https://learn.microsoft.com/graph/api/resources/event
"""
