"""Addresses of what is kept of people."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.window, name="window"),
    path("draft/<str:paper>", views.document, name="privacy_document"),
    path("consent", views.record_consent, name="record_consent"),
    path("terms", views.terms, name="terms"),
    path("remove", views.remove, name="remove_person"),
]
