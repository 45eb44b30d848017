"""How the login information reaches a person: by mail, behind a link, or shown once to an Admin."""
