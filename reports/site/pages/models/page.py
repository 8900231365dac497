"""Types of models, the most downloaded, and what is odd in the declared lineage."""

from reports.site.page import Page
from reports.site.words import N_

PAGE = Page(title=N_("Models"), group="explore", order=3)
