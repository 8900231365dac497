"""The report: pages in HTML and one Markdown file a language, from the queries beside the pages."""
