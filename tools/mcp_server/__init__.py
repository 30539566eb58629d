"""A shop over the Model Context Protocol: tools for other people's agents."""
