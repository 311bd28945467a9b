"""Django's entry to this room."""

from django.apps import AppConfig


class TransferConfig(AppConfig):
    name = "borging.transfer"
    default_auto_field = "django.db.models.BigAutoField"
