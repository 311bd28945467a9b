"""What somebody fills in to let Borging post in a channel."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from borging.cards.models import Webhook
from borging.cards.webhooks import ForbiddenAddressError, check_address
from borging.people.models import Account, Team
from borging.people.reads import team_paths
from borging.programmes.models import Programme
from borging.programmes.reads import programmes_of

AUDIENCES = (
    (Webhook.Audience.TEAM, _("A team: what it is asked to talk about and to vote on")),
    (Webhook.Audience.LD, _("The training department: that the slide for Friday is ready")),
)


class ChannelForm(forms.Form):
    """One channel. The address is taken once and never shown again."""

    kind = forms.ChoiceField(label=_("Teams or Slack"), choices=Webhook.Kind.choices)
    url = forms.CharField(
        label=_("Address of the webhook"),
        help_text=_(
            "In Slack: an incoming webhook. In Teams: a workflow that posts when a webhook request is received. "
            "Who has this address can post there, so it is not shown again."
        ),
        max_length=1_000,
        widget=forms.PasswordInput(attrs={"class": "ds-input", "autocomplete": "off"}),
    )
    name = forms.CharField(label=_("What you call this channel"), max_length=80)
    audience = forms.ChoiceField(label=_("Who reads it"), choices=AUDIENCES, widget=forms.RadioSelect)
    programme = forms.ModelChoiceField(
        Programme.objects.none(), label=_("Programme"), required=False, empty_label=_("every programme")
    )
    team = forms.ChoiceField(label=_("Team"), required=False)

    def __init__(self, *args: Any, viewer: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer = viewer
        self.fields["programme"].queryset = programmes_of(viewer)  # type: ignore[attr-defined]
        teams = sorted((" / ".join(path), str(pk)) for pk, path in team_paths(viewer.organisation_id).items())
        choices = [("", _("everybody who takes part")), *((pk, name) for name, pk in teams)]
        self.fields["team"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("url") and cleaned.get("kind"):
            try:
                check_address(cleaned["kind"], url := cleaned["url"])
            except ForbiddenAddressError:
                self.add_error("url", ValidationError(_("This is not an address of this program. Copy it again.")))
                return cleaned
            if Webhook.objects.filter(organisation=self.viewer.organisation_id, url=url).exists():
                self.add_error("url", ValidationError(_("This channel is here already.")))
        return cleaned

    def values(self) -> dict[str, Any]:
        """As the table keeps it."""
        cleaned = self.cleaned_data
        team = Team.objects.filter(organisation=self.viewer.organisation_id, pk=cleaned["team"] or 0).first()
        names = ("kind", "url", "name", "audience", "programme")
        return {name: cleaned[name] for name in names} | {"team": team}
