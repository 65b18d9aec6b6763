"""How documents move: states as a graph, who may move them, when, and until when."""
