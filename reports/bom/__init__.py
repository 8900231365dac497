"""A model as a bill of materials: what it descends from, under which licences, and how sure that is."""
