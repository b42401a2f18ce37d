//! Bearer tokens and who holds them: ordinary tables, never events.
