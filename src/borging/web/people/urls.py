"""Addresses of people."""

from django.urls import path

from . import importing, views

urlpatterns = [
    path("", views.listing, name="people"),
    path("roles", views.roles, name="roles"),
    path("roles/<int:account_id>", views.change_roles, name="change_roles"),
    path("import", importing.new, name="import_people"),
    path("import/<uuid:import_id>/", importing.show, name="people_import"),
    path("import/<uuid:import_id>/columns", importing.confirm_columns, name="people_columns"),
    path("import/<uuid:import_id>/back", importing.back, name="people_back"),
    path("import/<uuid:import_id>/apply", importing.apply, name="apply_people"),
    path("import/<uuid:import_id>/undo", importing.undo, name="undo_people"),
    path("import/<uuid:import_id>/discard", importing.discard, name="discard_people"),
    path("<int:person_id>/", views.person, name="person"),
    path("<int:person_id>/habits", views.change_habits, name="person_habits"),
    path("<int:person_id>/leave", views.add_leave, name="add_leave"),
    path("<int:person_id>/leave/<int:leave_id>/remove", views.remove_leave, name="remove_leave"),
    path("<int:person_id>/account", views.make_account, name="person_account"),
    path("<int:person_id>/account/closed", views.close_account, name="close_account"),
]
