"""Addresses that stand in mails: short, and signed."""

from django.urls import path

from . import meetings, revoking, views

urlpatterns = [
    path("k/<str:token>/", views.card, name="card"),
    path("k/<str:token>/moment", meetings.moment, name="card_moment"),
    path("k/<str:token>/<str:file>.ics", meetings.calendar, name="card_calendar"),
    path("k/<str:token>/revoke", revoking.revoke, name="card_revoke"),
    path("p/<str:token>/", views.pause, name="pause"),
]
