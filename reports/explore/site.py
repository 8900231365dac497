"""The data files of a site, from the warehouse that a connection has open."""

import duckdb

from reports.explore.catalogue import read_catalogue
from reports.explore.families import draw
from reports.explore.files import script
from reports.explore.models import model_files, site_numbers
from reports.explore.network import network_data


def data_files(connection: duckdb.DuckDBPyConnection) -> dict[str, bytes]:
    """Return the data files of the network, the search and the models, by their names below the folder of the data."""
    catalogue = read_catalogue(connection)
    drawing = draw(catalogue)
    places = site_numbers(catalogue, drawing)
    return {
        "network.js": script("network", network_data(catalogue, drawing, places)),
        **model_files(catalogue, places),
    }
