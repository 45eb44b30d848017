"""Tokens with which other systems use the API: made, rotated and revoked under Settings > Integrations."""
