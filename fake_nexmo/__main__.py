"""``python -m fake_nexmo``: the command ``fake-nexmo``, where that is not on the path."""

from __future__ import annotations

from fake_nexmo.cli import main

if __name__ == "__main__":
    main()
