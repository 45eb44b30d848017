"""What the portal knows of each account at a connected application, and how it names and describes one."""
