"""JSON Schema as others write it: the official test suite, invented schemas, hostile ones."""
