"""Pictures: decoded, fetched by address, downloaded. Every one comes from a stranger."""
