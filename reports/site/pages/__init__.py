"""The pages of the site, a folder each: see ``reports.site.page``."""
