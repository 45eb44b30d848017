"""What other systems say about employees: how it differs, the brake, applying it, and proposed leavers."""
