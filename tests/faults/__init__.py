"""Bad days on purpose: scripts that end servers and fill disks, and print what was lost."""
