"""BGE-VL-base on transformers' CLIP, from the published weights."""
