"""What an evaluation is run on: labelled queries and dialogues, from files or generated."""
