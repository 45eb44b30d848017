"""Users of the portal: passwords, second factors, sessions, invitations and access levels."""
