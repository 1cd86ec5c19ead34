"""The provider for the tenancy's home region."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_oci as oci

_PLAIN_KEYS = (
    "auth",
    "configFileProfile",
    "fingerprint",
    "privateKeyPath",
    "tenancyOcid",
    "userOcid",
)
_SECRET_KEYS = ("privateKey", "privateKeyPassword")

Credentials = Mapping[str, pulumi.Input[str]]
"""How to sign in to OCI: the provider's configuration keys, without the region."""


def credentials(config: pulumi.Config) -> Credentials:
    """The sign-in settings of the stack file's ``oci:`` keys, secrets kept secret.

    A provider made in the program does not see those keys by itself; where there are none it
    takes the environment or the OCI configuration file, as the default provider does.
    """
    found: dict[str, pulumi.Input[str]] = {}
    for key in _PLAIN_KEYS:
        plain = config.get(key)
        if plain is not None:
            found[key] = plain
    for key in _SECRET_KEYS:
        secret = config.get_secret(key)
        if secret is not None:
            found[key] = secret
    return found


def home_region_provider(
    name: str, region: str, *, sign_in: Credentials, opts: pulumi.ResourceOptions
) -> oci.Provider:
    """A provider that talks to ``region``, signed in as the stack's default provider is."""
    return oci.Provider(
        name,
        opts,
        region=region,
        auth=sign_in.get("auth"),
        config_file_profile=sign_in.get("configFileProfile"),
        fingerprint=sign_in.get("fingerprint"),
        private_key=sign_in.get("privateKey"),
        private_key_password=sign_in.get("privateKeyPassword"),
        private_key_path=sign_in.get("privateKeyPath"),
        tenancy_ocid=sign_in.get("tenancyOcid"),
        user_ocid=sign_in.get("userOcid"),
    )
