"""Django's entry to this room."""

from django.apps import AppConfig


class MeasureConfig(AppConfig):
    name = "borging.measure"
    default_auto_field = "django.db.models.BigAutoField"
