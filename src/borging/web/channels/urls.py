"""Addresses of channels."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.listing, name="channels"),
    path("<int:channel_id>/test", views.test, name="test_channel"),
    path("<int:channel_id>/remove", views.remove, name="remove_channel"),
]
