"""The report: pages in HTML and one Markdown file for each language, from the queries beside the pages."""
