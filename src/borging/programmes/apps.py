"""Django's entry to this room."""

from django.apps import AppConfig


class ProgrammesConfig(AppConfig):
    name = "borging.programmes"
    default_auto_field = "django.db.models.BigAutoField"
