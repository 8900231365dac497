"""Where the data come from."""

from reports.site.page import Page
from reports.site.words import N_

PAGE = Page(title=N_("Provenance"), group="method", order=3)
