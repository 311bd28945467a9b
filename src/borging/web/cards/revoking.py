"""A mail was forwarded: its links are made useless, by whoever holds one or is logged in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from borging import clock
from borging.cards import writes
from borging.cards.models import Card

from .capability import for_card


@require_http_methods(["GET", "HEAD", "POST"])
@for_card
def revoke(request: HttpRequest, card: Card) -> HttpResponse:
    """First what it means, then the button."""
    if request.method == "POST":
        writes.revoke_links(person=card.person, now=clock.now())
    return render(request, "cards/revoke.html", {"card": card, "done": request.method == "POST"})
