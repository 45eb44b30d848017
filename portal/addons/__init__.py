"""Add-ons: the outside applications an organisation has connected."""
