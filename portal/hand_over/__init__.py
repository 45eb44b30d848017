"""How login information reaches a person: by email, behind a link, or shown once to an Admin."""
