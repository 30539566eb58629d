"""Who may enter the chat: passwords, guests, OAuth, and the secret behind the cookie."""
