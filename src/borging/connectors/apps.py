"""Django's entry to this room."""

from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    name = "borging.connectors"
    default_auto_field = "django.db.models.BigAutoField"
