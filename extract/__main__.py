"""Entry point of ``python -m extract``."""

from modelkin.starting import start


def main() -> None:
    """Run the command line."""
    start("extract")


if __name__ == "__main__":
    main()
