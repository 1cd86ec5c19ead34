"""The component that makes Open edX's secrets and the hand-over to Tutor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

import pulumi
import pulumi_random as random
import pulumi_tls as tls

from components.capacity import PodDemand, PoolCapacity
from components.openedx import mail, plugin, tutor
from components.openedx.demand import lms_pod
from components.openedx.notes import notes
from components.openedx.placement import PriorityClasses, Stage
from components.openedx.sizing import uwsgi
from components.settings.openedx import OpenEdxSettings

_JWT: Final = "JWT_RSA_PRIVATE_KEY"
_LENGTH: Final = 32
"""Letters and digits: about 190 bits. No punctuation: Tutor renders the values as templates."""


class OpenEdx(pulumi.ComponentResource):
    """Open edX as this project hands it over to Tutor.

    Makes the secrets that Tutor would otherwise invent in each new directory, so that a stack
    always hands over the same; they are never regenerated because something else changed.
    """

    tutor: Mapping[str, Any]
    """The plain half of the hand-over: ``version``, ``plugins``, ``config`` (with placeholders),
    ``plugin``, ``uwsgi`` and ``notes``, what the operator should know. Only ``config.ID`` and
    ``config.MEILISEARCH_API_KEY_UID`` are unknown before the first update."""
    tutor_secrets: pulumi.Output[dict[str, str]]
    """The secret half, by Tutor's key."""

    def __init__(  # noqa: PLR0913 - what the room takes from others is named one by one
        self,
        name: str,
        spec: OpenEdxSettings,
        *,
        lms_pool: PoolCapacity,
        general_pool: PoolCapacity,
        beside: Sequence[PodDemand],
        storage_class: str,
        priority_classes: PriorityClasses,
        protect: bool,
        smtp_password: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make what ``spec`` describes.

        Args:
            name: Logical name.
            spec: The settings.
            lms_pool: The pool of LMS pods.
            general_pool: The pool of everything else.
            beside: What else runs on the general pool.
            storage_class: Of every volume.
            priority_classes: The cluster's.
            protect: Whether the secrets are protected.
            smtp_password: The relay's password, a secret; needed if there is ``spec.smtp``.
            opts: Resource options.

        Raises:
            ValueError: the settings name a relay, and there is no password.
        """
        if spec.smtp is not None and smtp_password is None:
            raise ValueError("openedx.smtp is set: smtp_password is needed")
        super().__init__("openedx-large:index:OpenEdx", name, None, opts)
        self._name = name
        self._protect = protect
        self.tutor_secrets = pulumi.Output.secret(
            pulumi.Output.all(
                **{key: self._secret(key) for key in tutor.SECRET_KEYS},
                **_given(spec, smtp_password),
            )
        )
        stage = Stage(
            lms_replicas=lms_pool.nodes,
            lms_requests=lms_pod(spec, lms_pool),
            storage_class=storage_class,
            priority_classes=priority_classes,
        )
        sizing = uwsgi(spec, lms_pool)
        self.tutor = {
            "version": tutor.VERSION,
            "plugins": list(tutor.PLUGINS),
            "config": {**tutor.config(spec, lms_pool=lms_pool), **self._identities()},
            "plugin": {
                "name": plugin.NAME,
                "version": plugin.VERSION,
                "patches": dict(plugin.patches(spec, stage)),
            },
            "uwsgi": {**asdict(sizing), "concurrent_requests": sizing.concurrent_requests},
            "notes": list(notes(spec, general_pool=general_pool, beside=beside)),
        }
        self.register_outputs({"tutor": self.tutor, "tutor_secrets": self.tutor_secrets})

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
