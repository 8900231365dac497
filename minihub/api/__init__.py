"""What the miniature Hub answers: pure functions from a request and a build to an answer, divided by what is asked."""
