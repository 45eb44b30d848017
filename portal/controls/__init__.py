"""Settings that hold people back. Strengthening one works at once; weakening one waits for a second Admin."""
