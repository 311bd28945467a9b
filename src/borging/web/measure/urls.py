"""Addresses of the released figures of a programme, and of one's own line."""

from django.urls import path

from . import views

urlpatterns = [
    path("programmes/<int:programme_id>/evidence/", views.evidence, name="evidence"),
    path("programmes/<int:programme_id>/evidence/friday.pptx", views.friday, name="evidence_friday"),
    path("programmes/<int:programme_id>/evidence/report.<str:form>", views.download, name="evidence_report"),
    path("promises/", views.promises, name="promises"),
    path("teams/<int:team_id>/", views.team, name="team"),
    path("own/line/", views.own_line, name="own_line"),
]
