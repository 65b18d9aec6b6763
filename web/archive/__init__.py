"""Archive packages: what leaves for the archive, opened, with its proof and a report on four properties."""
