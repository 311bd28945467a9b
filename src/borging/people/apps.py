"""Django's entry to this room."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "borging.people"
    default_auto_field = "django.db.models.BigAutoField"
