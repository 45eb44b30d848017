"""The pages of signing in, of one's own user, and of the users of an organisation."""
