"""The pages for people who apply: open vacancies, the form, and the page of a candidate's own. Nobody signs in."""
