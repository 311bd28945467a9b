"""Django's entry to this room."""

from django.apps import AppConfig


class FiguresConfig(AppConfig):
    name = "borging.figures"
    default_auto_field = "django.db.models.BigAutoField"
