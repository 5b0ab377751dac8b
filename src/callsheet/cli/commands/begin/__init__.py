"""Starting a project, and looking things up: a demo, samples, documentation, schemas, the state of the machine."""
