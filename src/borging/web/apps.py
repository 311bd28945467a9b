"""Django's entry to this room."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "borging.web"
    default_auto_field = "django.db.models.BigAutoField"
