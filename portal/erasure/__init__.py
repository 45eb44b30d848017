"""Erasing the personal data of somebody who has left, wherever it stands."""
