"""Every test of a study."""

from reports.site.page import Page
from reports.site.words import N_

PAGE = Page(title=N_("Tests of the study %(study)s"), group="studies", order=2, per="study", is_in_navigation=False)
