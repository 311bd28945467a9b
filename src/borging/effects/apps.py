"""Django's entry to this room."""

from django.apps import AppConfig


class EffectsConfig(AppConfig):
    name = "borging.effects"
    default_auto_field = "django.db.models.BigAutoField"
