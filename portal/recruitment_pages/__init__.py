"""The pages of recruitment inside the portal: vacancies and their boards, candidates, and the settings."""
