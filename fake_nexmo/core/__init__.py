"""Records, changes, moments, tables: what every API stands on. Pure: no socket, thread, await, wall clock or chance."""
