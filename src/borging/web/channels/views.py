"""The page of channels: add one, try it, remove it."""

import logging
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from borging import clock
from borging.cards.jobs import AwayError, RefusedError
from borging.cards.models import Webhook
from borging.cards.webhooks import ForbiddenAddressError, post_webhook, webhook_payload
from borging.people.models import Role
from borging.web.guards import for_roles, viewer

from . import jobs
from .forms import ChannelForm

logger = logging.getLogger(__name__)
for_channels = for_roles(Role.LD, Role.ADMIN)


@require_http_methods(["GET", "HEAD", "POST"])
@for_channels
def listing(request: HttpRequest) -> HttpResponse:
    """Every channel there is, and one more."""
    account = viewer(request)
    sent = request.POST if request.method == "POST" else None
    form = ChannelForm(sent, viewer=account, initial={"audience": Webhook.Audience.TEAM})
    if sent is not None and form.is_valid():
        Webhook.objects.create(organisation_id=account.organisation_id, added_at=clock.now(), **form.values())
        messages.success(request, _("The channel is added. Try it, so that you know it works."))
        return redirect("channels")
    own = Webhook.objects.filter(organisation_id=account.organisation_id).select_related("programme", "team")
    context: dict[str, Any] = {"form": form, "channels": [(each, _latest(each)) for each in own]}
    return render(request, "channels/list.html", context, status=422 if form.is_bound else 200)


def _latest(webhook: Webhook) -> Any:
    """The latest message that was laid out for a channel."""
    return webhook.postings.first()


def _channel(request: HttpRequest, channel_id: int) -> Webhook:
    own = Webhook.objects.filter(organisation_id=viewer(request).organisation_id, pk=channel_id)
    found = own.select_related("organisation").first()
    if found is None:
        raise Http404
    return found


@require_POST
@for_channels
def test(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Say hello in a channel at once."""
    channel = _channel(request, channel_id)
    try:
        post_webhook(channel.kind, channel.url, webhook_payload(channel.kind, jobs.hello(channel)))
    except (AwayError, RefusedError, ForbiddenAddressError, OSError) as error:
        logger.warning("a test of channel %s: %s", channel.pk, type(error).__name__)
        messages.error(
            request, _("%(name)s did not take the message. Make the webhook anew and add it again.") % {"name": channel}
        )
    else:
        messages.success(request, _("There is a message in %(name)s now.") % {"name": channel})
    return redirect("channels")


@require_POST
@for_channels
def remove(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Forget a channel and its address."""
    channel = _channel(request, channel_id)
    channel.delete()
    messages.success(request, _("Nothing goes to %(name)s any more, and its address is forgotten.") % {"name": channel})
    return redirect("channels")
