"""HTTP: routes, headers, the auth cookie, allowed hosts, uploads."""
