"""Organisations, and the accounts with which people log in."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils.translation import gettext_lazy as _


class Organisation(models.Model):
    """One organisation; organisations in one installation never see each other."""

    name = models.CharField(_("name"), max_length=200)

    def __str__(self) -> str:
        return self.name


class AccountManager(BaseUserManager["Account"]):
    """Makes accounts by address, the only name an account has."""

    def create_user(
        self, email: str, *, organisation: Organisation, name: str = "", password: str | None = None
    ) -> "Account":
        account = self.model(email=self.normalize_email(email).lower(), name=name, organisation=organisation)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser, PermissionsMixin):
    """Someone who may log in. The address is the login name; a person without a login has no account."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="accounts")
    language = models.CharField(_("language"), max_length=2, blank=True)
    is_active = models.BooleanField(_("may log in"), default=True)

    objects = AccountManager()

    USERNAME_FIELD = "email"

    def __str__(self) -> str:
        return self.name or self.email
