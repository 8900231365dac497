"""What is missing, and why."""

from reports.site.page import Page
from reports.site.words import N_

PAGE = Page(title=N_("Data quality"), group="method", order=2)
