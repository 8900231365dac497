"""Entry point of ``python -m reports``."""

from modelkin.starting import start


def main() -> None:
    """Run the command line."""
    start("reports")


if __name__ == "__main__":
    main()
