"""A miniature Hub: tiny synthetic language models, made on the spot, served over the Hub's own HTTP API."""

from extract.minihub.server import Faults, MiniHub, running, serving
from extract.minihub.store import Build, build

__all__ = ["Build", "Faults", "MiniHub", "build", "running", "serving"]
