"""``nissan-analysis``, and ``python -m nissan_analysis``."""

import sys


def main() -> None:
    """Run the command line and exit; what was run before, with nothing changed, is answered at once."""
    from . import again

    if not again.answered(sys.argv[1:]):
        from .cli import main as run

        run()


if __name__ == "__main__":
    main()
