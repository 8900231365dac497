"""Entry point of ``python -m modelkin``."""

from modelkin.cli import main

if __name__ == "__main__":
    main()
