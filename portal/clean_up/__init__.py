"""Provisioning > Clean-up: accounts that cost money or are open although nobody needs them."""
