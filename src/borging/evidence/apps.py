"""Django's entry to this room."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "borging.evidence"
    default_auto_field = "django.db.models.BigAutoField"
