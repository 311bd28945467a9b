"""Addresses of the mail of the demonstration; they are there only in the demonstration."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.people, name="inbox"),
    path("<int:person_id>/", views.mailbox, name="mailbox"),
    path("<int:person_id>/<str:name>/", views.message, name="kept_mail"),
    path("<int:person_id>/<str:name>/html", views.html, name="kept_mail_html"),
]
