"""A child that says it is ready, answers frames, and sleeps or dies when told to: for the tests of limits."""

import os
import sys
import time

from web.pdf.job import read_frame, write_frame

write_frame(sys.stdout.buffer, {"ready": True})
while (value := read_frame(sys.stdin.buffer)) is not None:
    if "sleep" in value:
        time.sleep(value["sleep"])
    if "die" in value:
        os._exit(9)
    write_frame(sys.stdout.buffer, {"pid": os.getpid()})
