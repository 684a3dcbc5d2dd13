"""How hypothesis runs here: the same examples every time, no clock, nothing kept between runs."""

from hypothesis import settings

settings.register_profile("house", derandomize=True, deadline=None, database=None, max_examples=80)
settings.load_profile("house")
