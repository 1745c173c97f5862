"""`python3 -m app …`: refuses a Python that cannot run Galley, in words every Python 3 prints; sets up, hands over."""

import sys

if __name__ == "__main__":
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        sys.exit(
            "Galley needs Python 3.11, 3.12 or 3.13; this is %d.%d (%s).\n"  # noqa: UP031 (an old Python reads this file)
            "  Way out: install one of them and start it by name, for example: python3.12 -m app"
            % (sys.version_info[0], sys.version_info[1], sys.executable)
        )
    from app.setup.start import main

    main(sys.argv[1:])
