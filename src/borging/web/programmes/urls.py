"""Addresses of programmes: one programme, one address, whatever its state."""

from django.urls import path

from . import floor, people, sessions, situations, views, wizard

urlpatterns = [
    path("", views.listing, name="programmes"),
    path("new", wizard.new, name="new_programme"),
    path("<int:programme_id>/", views.programme, name="programme"),
    path("<int:programme_id>/questions/<str:name>", wizard.question, name="programme_question"),
    path("<int:programme_id>/start", views.start, name="start_programme"),
    path("<int:programme_id>/pause", views.pause, name="pause_programme"),
    path("<int:programme_id>/resume", views.resume, name="resume_programme"),
    path("<int:programme_id>/stop", views.stop, name="stop_programme"),
    path("<int:programme_id>/fix/<str:rule>", views.fix, name="fix_programme"),
    path("<int:programme_id>/signature", views.sign_on_paper, name="sign_on_paper"),
    path("<int:programme_id>/rehearsal", views.rehearse, name="rehearse_programme"),
    path("<int:programme_id>/cards", views.cards, name="programme_cards"),
    path("<int:programme_id>/cards/<str:step>/<str:actor>", views.card, name="programme_card"),
    path("<int:programme_id>/cohorts", sessions.add_cohort, name="add_cohort"),
    path("<int:programme_id>/cohorts/<int:cohort_id>/session", sessions.add, name="add_session"),
    path("<int:programme_id>/sessions/<int:session_id>", sessions.move, name="programme_session"),
    path("<int:programme_id>/sessions/<int:session_id>/cancel", sessions.cancel, name="cancel_session"),
    path("<int:programme_id>/people", people.listing, name="programme_people"),
    path("<int:programme_id>/people/add", people.add, name="add_people"),
    path("<int:programme_id>/people/<int:enrolment_id>", people.companions, name="companions"),
    path("<int:programme_id>/people/<int:enrolment_id>/leave", people.leave, name="leave_programme"),
    path("<int:programme_id>/floor", floor.observers, name="programme_floor"),
    path("<int:programme_id>/situations", situations.listing, name="programme_situations"),
    path("<int:programme_id>/situations/paste", situations.paste, name="paste_situations"),
    path("<int:programme_id>/situations/<int:situation_id>", situations.change, name="programme_situation"),
    path("<int:programme_id>/situations/<int:situation_id>/delete", situations.remove, name="delete_situation"),
]
