"""From a shopper's message to what it asks for, one module for each kind of wish."""
