"""The second verifier, in JavaScript, held to the first and to the corpus."""
