"""SCIM under /scim/v2: an HR system or a directory pushes employees, and the portal keeps what each has said."""
