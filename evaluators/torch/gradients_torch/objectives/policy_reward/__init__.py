"""Rewards of sampled completions, less their divergence from the base."""
