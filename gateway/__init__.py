"""The shell: HTTP, command line, files, databases, clock and secrets."""
