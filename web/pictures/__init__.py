"""Pictures drawn on the server as SVG: same in browser and on paper, no script, no inline style."""
