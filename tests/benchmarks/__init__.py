"""What the system costs: measured in one run, goal beside measured, on the machine at hand.

`python -m tests.benchmarks` prints one table and writes docs/benchmarks.md. Every figure comes from the real
code behind a real server process on 127.0.0.1; nothing is loosened for it.
"""
