"""The CEL evaluator, without the interactive command line that its package imports along with it.

Decides nothing. `import cel` pulls in a terminal toolkit and a highlighter for its own shell: 0.4 s at every
start of a command, of which the evaluator itself takes 0.02 s. An empty module stands where that shell would
be while the package is imported, and is taken away again.
"""

from __future__ import annotations

import sys
from types import ModuleType

_SHELL = "cel.cli"

if "cel" in sys.modules:
    import cel
else:
    sys.modules[_SHELL] = ModuleType(_SHELL)
    try:
        import cel
    finally:
        del sys.modules[_SHELL]

__all__ = ["cel"]
