"""A module."""

import os


class A:
    """Text."""

    def first(self):
        if os.sep:

            return 1

    def second(self):
	return 2


def last():
    pass
