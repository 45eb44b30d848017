"""The verbs about an account (create, deactivate, link and so on): the rules and the steps of each."""
