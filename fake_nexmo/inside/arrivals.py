"""Modules that are changed when somebody else imports them, and not imported for that."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

Act = Callable[[ModuleType], object]


@contextmanager
def when_imported(name: str, act: Act) -> Iterator[None]:
    """Do something to a module: at once, when it is imported already, else as soon as it is; or never."""
    there = sys.modules.get(name)
    if there is not None:
        act(there)
        yield
        return
    finder = _Watch(name, act)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        finder.act = None
        # There is none any more when the interpreter ends.
        if finder in (sys.meta_path or ()):
            sys.meta_path.remove(finder)


class _Watch:
    """A finder that finds one module, and what the others would have found there.

    Attributes:
        act: None: nobody waits for the module any more.
    """

    def __init__(self, name: str, act: Act) -> None:
        self.name = name
        self.act: Act | None = act

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """See `importlib.abc.MetaPathFinder`."""
        finders = list(sys.meta_path)
        if name != self.name or self not in finders:
            return None
        # Others may wait for the same module, and packages may be installed in ways of their own.
        for finder in finders[finders.index(self) + 1 :]:
            # Before Python 3.12 there may be some of the old kind; what they find is not met.
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = None if find is None else find(name, path, target)
            if spec is not None:
                if spec.loader is not None:
                    self._tell(spec.loader)
                return spec
        return None

    def _tell(self, loader: Any) -> None:
        """Let a loader, which is this module's alone, say when it has run."""
        run = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            run(module)
            if self.act is not None:
                self.act(module)

        loader.exec_module = exec_module
