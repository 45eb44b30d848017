"""Google accounts: where everything is, sign-in, consent, tokens.

https://developers.google.com/identity/protocols/oauth2/web-server and
https://developers.google.com/identity/openid-connect/openid-connect
"""
