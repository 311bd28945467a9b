"""Addresses of studies: one study, one address, whatever its state."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.listing, name="studies"),
    path("new", views.new, name="new_study"),
    path("example", views.start_example, name="example_study"),
    path("example/<str:kind>.csv", views.example_file, name="example_file"),
    path("<uuid:study_id>/", views.study, name="study"),
    path("<uuid:study_id>/progress", views.progress, name="study_progress"),
    path("<uuid:study_id>/columns", views.confirm_columns, name="study_columns"),
    path("<uuid:study_id>/files", views.replace_files, name="study_files"),
    path("<uuid:study_id>/delete", views.delete, name="delete_study"),
    path("<uuid:study_id>/report.<str:form>", views.download, name="study_report"),
    path("<uuid:study_id>/left-out.csv", views.left_out, name="study_left_out"),
]
