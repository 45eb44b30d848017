"""Webhooks: other systems are told what happens here, and told again until they have it."""
