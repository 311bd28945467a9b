"""Addresses of the demonstration; they are there only in it."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.demonstration, name="demonstration"),
    path("turn", views.turn, name="turn_clock"),
    path("turning", views.turning, name="turning_clock"),
    path("persona/<int:account_id>", views.become, name="become_persona"),
]
