"""What a password must be, in the words of the house."""

from django.contrib.auth import password_validation
from django.utils.translation import gettext as _


class LongEnough(password_validation.MinimumLengthValidator):
    """Of at least `min_length` characters."""

    def get_error_message(self) -> str:
        return _("Make it longer: at least %(least)s characters.") % {"least": self.min_length}

    def get_help_text(self) -> str:
        return _("At least %(least)s characters; a sentence is easy to remember.") % {"least": self.min_length}


class Uncommon(password_validation.CommonPasswordValidator):
    """Not one of the passwords that everybody tries first."""

    def get_error_message(self) -> str:
        return _("Many people use this password, so it is quickly guessed. Choose another one.")

    def get_help_text(self) -> str:
        return _("Not one that many people use.")
