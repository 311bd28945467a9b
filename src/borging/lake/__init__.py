"""Analytical tables: schema, panels (Ibis expressions) and the engine that runs them."""
