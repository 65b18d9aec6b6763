"""Between the schema and the screen: compile, decode, show, summarise, compare. Pure, and knows no
framework."""
