"""Words: the catalogue's names, synonyms, stop words, numbers, inflection."""
