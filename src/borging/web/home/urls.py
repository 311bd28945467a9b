"""Addresses of the start, and of what can be done on it."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.home, name="home"),
    path("barriers/<int:barrier_id>/promise", views.promise, name="promise_removal"),
    path("barriers/<int:barrier_id>/upward", views.upward, name="barrier_upward"),
    path("barriers/<int:barrier_id>/removed", views.removed, name="barrier_removed"),
]
