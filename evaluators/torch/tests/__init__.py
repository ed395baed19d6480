"""What test/torch can't see from outside: `python -m unittest discover -t . -s tests` in evaluators/torch."""
