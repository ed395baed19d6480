"""Text-to-image models: pictures, noise, and how models take one from the other."""
