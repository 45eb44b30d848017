"""The audit log for a SIEM: pushed line by line over TLS, in order, from where each target has got to."""
