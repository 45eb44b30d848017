"""Settings that protect an organisation, which only a second Admin can weaken."""
