"""How it is measured, and what it cannot say."""

from reports.site.page import Page
from reports.site.words import N_

PAGE = Page(title=N_("Method"), group="method", order=1)
