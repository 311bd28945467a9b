"""All addresses."""

from django.conf import settings
from django.urls import include, path, re_path

from . import errors, views

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
handler429 = errors.too_many  # allauth's

urlpatterns = [
    path("", include("borging.web.home.urls")),
    path("own/", include("borging.web.own.urls")),
    path("privacy/", include("borging.web.privacy.urls")),
    path("language", views.choose_language, name="language"),
    path("", include("borging.web.cards.urls")),
    path("people/", include("borging.web.people.urls")),
    path("programmes/", include("borging.web.programmes.urls")),
    path("", include("borging.web.measure.urls")),
    path("channels/", include("borging.web.channels.urls")),
    path("studies/", include("borging.web.studies.urls")),
    # Addresses are given with the account, not changed or confirmed by its owner: the pages that would are not there.
    re_path("^account/(email|confirm-email)/", errors.not_found),
    path("account/", include("allauth.urls")),
]
if settings.DEMO:
    urlpatterns += [
        path("demo/inbox/", include("borging.web.inbox.urls")),
        path("demo/", include("borging.web.demo.urls")),
        path("demo/<str:token>", views.enter_demo, name="demo"),
    ]
