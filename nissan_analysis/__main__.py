"""``nissan-analysis``, and ``python -m nissan_analysis``."""

import io
import signal
import sys


def main() -> None:
    """Run the command line and exit; what was run before, with nothing changed, is answered at once."""
    try:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(
                stream, io.TextIOWrapper
            ):  # a terminal may know fewer letters than we print
                stream.reconfigure(errors="backslashreplace")
        from . import again

        if not again.answered(sys.argv[1:]):
            if again.makes_here(sys.argv[1:]):
                from . import kernels

                # Else nothing would end what is started here.
                signal.signal(signal.SIGTERM, signal.default_int_handler)
                kernels.ahead()
            from .cli import main as run

            run()
    except KeyboardInterrupt:  # before there was a command, or after
        print("nissan-analysis: Interrupted.", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
