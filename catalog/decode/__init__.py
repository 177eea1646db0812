"""Opening bytes from outside: a pool of small, locked-in child processes that return clean JPEGs. Imports no Django."""
