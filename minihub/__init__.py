"""A miniature Hub: tiny synthetic language models, made on the spot, served over the Hub's own HTTP API."""

from minihub.api.faults import Faults
from minihub.repositories import Build
from minihub.server import MiniHub, running, serving
from minihub.store import build

__all__ = ["Build", "Faults", "MiniHub", "build", "running", "serving"]
