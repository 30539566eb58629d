"""What a person touches: the browser chat and the command line."""
