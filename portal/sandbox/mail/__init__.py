"""Mail of people as Exchange keeps it, and the world outside.

https://learn.microsoft.com/graph/api/resources/mail-api-overview
"""
