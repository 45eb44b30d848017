"""The pages for signing in, for the user's own settings, and for the users of an organisation."""
