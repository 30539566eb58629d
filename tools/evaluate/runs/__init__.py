"""Running an evaluation: searches, reranking, dialogues, photos."""
