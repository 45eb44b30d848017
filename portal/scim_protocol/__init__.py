"""What both services of SCIM share: the protocol, what clients send beyond it, and resources that are rows."""
