"""The pages of the demonstration are there while a test asks for them."""

from tests.web.conftest import demonstration

__all__ = ["demonstration"]
