"""Addresses that stand in mails: short, and signed."""

from django.urls import path

from . import views

urlpatterns = [
    path("k/<str:token>/", views.card, name="card"),
    path("p/<str:token>/", views.pause, name="pause"),
]
