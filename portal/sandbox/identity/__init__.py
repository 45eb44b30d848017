"""The identity platform: discovery, sign-in page, consent page, tokens.

https://learn.microsoft.com/entra/identity-platform/v2-protocols
"""
