"""What `make demo` starts: the portal with invented people, a sandbox and an inbox."""
