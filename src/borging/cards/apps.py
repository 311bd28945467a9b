"""Django's entry to this room."""

from django.apps import AppConfig


class CardsConfig(AppConfig):
    name = "borging.cards"
    default_auto_field = "django.db.models.BigAutoField"
