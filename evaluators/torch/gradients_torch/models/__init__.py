"""Families of models: how their files are read and checked."""
