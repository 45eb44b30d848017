"""SCIM under /scim/users/v2: a directory makes, changes and ends the users of the portal, instead of an Admin."""
