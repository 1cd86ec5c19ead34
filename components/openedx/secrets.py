"""The secrets of Open edX, made once and kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pulumi
import pulumi_random as random
import pulumi_tls as tls

from components.openedx import mail, tutor
from components.settings.openedx import OpenEdxSettings

_JWT: Final = "JWT_RSA_PRIVATE_KEY"
_LENGTH: Final = 32
"""Letters and digits: about 190 bits. No punctuation: Tutor renders the values as templates."""


class OpenEdxSecrets(pulumi.ComponentResource):
    """What Tutor would otherwise invent in each new directory.

    A stack always hands over the same; nothing is regenerated because something else changed.
    """

    values: pulumi.Output[dict[str, str]]
    """The secrets, by Tutor's key."""
    identities: Mapping[str, pulumi.Output[str]]
    """What tells this installation from others, by Tutor's key; no secret."""

    def __init__(
        self,
        name: str,
        spec: OpenEdxSettings,
        *,
        protect: bool,
        smtp_password: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make the secrets that ``spec`` needs.

        Args:
            name: Logical name.
            spec: The settings.
            protect: Whether the secrets are protected.
            smtp_password: The relay's password, a secret; needed if there is ``spec.smtp``.
            opts: Resource options.

        Raises:
            ValueError: the settings name a relay, and there is no password.
        """
        if spec.smtp is not None and smtp_password is None:
            raise ValueError("openedx.smtp is set: smtp_password is needed")
        super().__init__("openedx-large:index:OpenEdxSecrets", name, None, opts)
        self._name = name
        self._protect = protect
        self.values = pulumi.Output.secret(
            pulumi.Output.all(
                **{key: self._secret(key) for key in tutor.SECRET_KEYS},
                **_given(spec, smtp_password),
            )
        )
        self.identities = self._identities()
        self.register_outputs({"values": self.values, "identities": self.identities})

    def _identities(self) -> dict[str, pulumi.Output[str]]:
        """What tells this installation from others; Tutor's ``ID`` is in immutable selectors."""
        installation = random.RandomString(
            f"{self._name}-id",
            length=24,
            special=False,
            opts=self._kept("length", "special"),
        )
        api_key = random.RandomUuid(f"{self._name}-meilisearch-api-key-uid", opts=self._kept())
        return {"ID": installation.result, "MEILISEARCH_API_KEY_UID": api_key.result}

    def _secret(self, key: str) -> pulumi.Output[str]:
        label = f"{self._name}-{key.lower().replace('_', '-')}"
        if key == _JWT:
            return tls.PrivateKey(
                label, algorithm="RSA", rsa_bits=2048, opts=self._kept("algorithm", "rsaBits")
            ).private_key_pem
        return random.RandomPassword(
            label, length=_LENGTH, special=False, opts=self._kept("length", "special")
        ).result

    def _kept(self, *inputs: str) -> pulumi.ResourceOptions:
        """Options of what must survive: a later edit of its inputs does not replace it."""
        return pulumi.ResourceOptions(
            parent=self, protect=self._protect, ignore_changes=list(inputs)
        )


def _given(
    spec: OpenEdxSettings, smtp_password: pulumi.Input[str] | None
) -> Mapping[str, pulumi.Output[str]]:
    """The secrets that the stack is given instead of making them."""
    if spec.smtp is None or smtp_password is None:
        return {}
    return {mail.PASSWORD_KEY: pulumi.Output.from_input(smtp_password).apply(mail.escaped)}
