"""Entry point of ``python -m modelkin``."""

from modelkin.starting import start


def main() -> None:
    """Run the command line."""
    start("modelkin")


if __name__ == "__main__":
    main()
