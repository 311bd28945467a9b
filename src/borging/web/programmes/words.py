"""Why something cannot be changed now, in words; and saying so."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from borging.programmes import writes


def told(request: HttpRequest, change: Callable[[], None], *, done: str) -> bool:
    """Make a change and say so, or say why it cannot be made now."""
    try:
        change()
    except writes.NotReadyError as error:
        messages.error(request, missing(error.missing))
    except writes.NotNowError as error:
        messages.warning(request, not_now(str(error)))
    else:
        messages.success(request, done)
        return True
    return False


def missing(parts: tuple[str, ...]) -> str:
    words = {
        "behaviours": _("Name at least one behaviour first: without it nothing can be shown."),
        "sessions": _("A programme that runs has at least one session. Plan one, or stop the programme."),
        "people": _("Add the people who take part first."),
    }
    return " ".join(words[name] for name in parts)


def not_now(state: str) -> str:
    words = {
        "draft": _("This programme has not started yet, so this is not possible now."),
        "live": _("This programme runs already, so this is not possible any more."),
        "paused": _("This programme is paused, so this is not possible now."),
    }
    return words.get(state, _("This programme has ended, so nothing changes any more."))


def nothing(_result: object) -> None:
    """What a change gives back is not needed here: its sentence says what happened."""
