"""The published claims, computed anew."""

from reports.site.page import Page
from reports.site.words import N_

PAGE = Page(title=N_("Claims"), group="studies", order=4)
