"""Addresses of one's own data. No address names a person: who asks is who it is about."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.own, name="own"),
    path("export.zip", views.export, name="own_export"),
    path("forget", views.forget, name="own_forget"),
    path("links", views.revoke, name="own_links"),
]
