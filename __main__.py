"""The program: settings → Platform → stack outputs."""

from __future__ import annotations

import gc

# The SDKs define tens of thousands of classes, which live as long as the program. The garbage
# collector would walk them again and again while they load and once more at the end: a third of an
# unchanged preview (benchmarks/).
gc.disable()

import pulumi

from components.oci.home_region import credentials
from components.platform import Platform
from components.settings.errors import SettingsError
from components.settings.load import load
from components.settings.platform import PlatformSettings
from components.settings.rules import Surroundings
from components.system_pods import SYSTEM_PODS

PROJECT = "openedx-large"


def settings() -> PlatformSettings:
    """What the stack file says, checked as a whole before anything is registered."""
    try:
        return load(
            pulumi.Config(PROJECT).get_object("platform"),
            file=f"stacks/Pulumi.{pulumi.get_stack()}.yaml",
            secret=pulumi.runtime.is_config_secret(f"{PROJECT}:platform"),
            surroundings=Surroundings(
                system_pods=SYSTEM_PODS["oci"],
                provider_region=pulumi.Config("oci").get("region"),
                secrets=lambda name: pulumi.runtime.is_config_secret(f"{PROJECT}:{name}"),
            ),
        )
    except SettingsError as error:
        # A RunError is shown as it is, without a traceback.
        raise pulumi.RunError(f"the stack file cannot be used\n{error}") from None


def main() -> None:
    """Make one stack."""
    spec = settings()
    smtp = spec.openedx.smtp
    platform = Platform(
        "platform",
        spec,
        stack=pulumi.get_stack(),
        sign_in=credentials(pulumi.Config("oci")),
        smtp_password=pulumi.Config(PROJECT).require_secret(smtp.password_secret) if smtp else None,
    )
    for name, value in platform.outputs.items():
        pulumi.export(name, value)


main()
gc.freeze()
gc.enable()
