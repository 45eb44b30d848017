"""A stand-in for Microsoft 365: sign-in, Microsoft Graph and a small Admin Centre.

It imports nothing of the portal and knows nothing of it: any client of Microsoft Graph can use it.
"""
