"""Django's entry to this room."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "borging.privacy"
    default_auto_field = "django.db.models.BigAutoField"
