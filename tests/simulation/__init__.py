"""A quarter of an agency's life by HTTP: 24 people as themselves, a clock that the driver moves."""
