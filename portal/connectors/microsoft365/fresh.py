"""Accounts of Microsoft 365 that were made moments ago.

https://learn.microsoft.com/graph/best-practices-concept#handling-expected-errors
"""

from portal.connectors.fresh import Fresh

FRESH = Fresh("Microsoft 365")
