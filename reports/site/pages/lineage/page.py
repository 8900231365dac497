"""Whether a model's parent can be told from its overlaps."""

from reports.site.page import Page
from reports.site.words import N_

PAGE = Page(title=N_("Lineage recovery"), group="studies", order=3)
