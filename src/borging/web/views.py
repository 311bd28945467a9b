"""Pages that belong to no single room: the language, the way into the demonstration."""

import hmac

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language

from borging.people import writes as people
from borging.people.models import Account


@require_POST
def choose_language(request: HttpRequest) -> HttpResponseBase:
    """The language of this browser, and of the account where there is one; back to the same page."""
    language = request.POST.get("language", "")
    if isinstance(request.user, Account) and check_for_language(language):
        people.choose_language(account=request.user, language=language)
    return set_language(request)


@require_safe
def enter_demo(request: HttpRequest, token: str) -> HttpResponse:
    """Log the demonstration's own account in. The token is made anew each time the demonstration starts."""
    if not settings.DEMO_TOKEN or not hmac.compare_digest(token.encode(), settings.DEMO_TOKEN.encode()):
        raise Http404
    login(request, people.demo_account(), backend="django.contrib.auth.backends.ModelBackend")
    return redirect("demonstration")
