"""What a form version is: its bundle, its compiled shape, and the judgement of answers against it."""
