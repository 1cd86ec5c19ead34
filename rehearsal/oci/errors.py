"""Refusals in the words of the Oracle API, laid out as pulumi-oci shows them.

The layout (code and message, then suggestion, service and operation) and the suggestions are
terraform-provider-oci's (``internal/tfresource/errors.go`` and ``suggestions.go``), which
pulumi-oci wraps; codes and messages are those of the API reference's list of errors
(https://docs.oracle.com/iaas/Content/API/References/apierrors.htm).
"""

from __future__ import annotations

import re

from rehearsal.standin.provider import CloudError

#: How long terraform-provider-oci goes on retrying before it gives up (``retry.go``), seconds.
RETRY_SECONDS = {429: 600, 500: 120}

#: Out of host capacity is the one 500 that terraform-provider-oci does not retry (``retry.go``).
OUT_OF_HOST_CAPACITY = "Out of host capacity."

_NOT_FOUND = "Authorization failed or requested resource not found."

_TIMEOUT = "Client.Timeout exceeded while awaiting headers"


def service_name(type_token: str) -> str:
    """What terraform-provider-oci calls a type: ``oci:Core/vcn:Vcn`` is ``Core Vcn``."""
    _, module, kind = type_token.split(":")
    words = re.findall(r"[A-Z][^A-Z]*", module.split("/")[0].capitalize() + kind)
    return " ".join(dict.fromkeys(words))


def service_error(status: int, code: str, message: str, type_token: str) -> CloudError:
    """An answer of the API other than 2xx."""
    service = service_name(type_token)
    return CloudError(
        f"{status}-{code}, {message}\n"
        f"Suggestion: {_suggestion(status, code, message, service)}\n"
        f"Service: {service}"
    )


def work_request_error(entity: str, action: str, message: str, type_token: str) -> CloudError:
    """A work request that was accepted and failed later."""
    service = service_name(type_token)
    return CloudError(
        f"Work Request error\n"
        f"Service: {service}\n"
        f"Error Message: work request did not succeed, entity: {entity}, action: {action}. "
        f"Message: {message}\n"
        f"Suggestion: Please retry or contact support for help with service: {service}"
    )


def invalid_parameter(message: str, type_token: str) -> CloudError:
    """400: the request is understood and its values are refused."""
    return service_error(400, "InvalidParameter", message, type_token)


def limit_exceeded(limit: str, type_token: str) -> CloudError:
    """400: a service limit of the tenancy."""
    return service_error(
        400,
        "LimitExceeded",
        f"The following service limits were exceeded: {limit}. Request a service limit increase "
        "from the service limits page in the console.",
        type_token,
    )


def not_found(type_token: str) -> CloudError:
    """404: OCI does not tell a missing permission from a missing resource."""
    return service_error(404, "NotAuthorizedOrNotFound", _NOT_FOUND, type_token)


def conflict(message: str, type_token: str) -> CloudError:
    """409: the thing is in use, or its name is."""
    return service_error(409, "Conflict", message, type_token)


def incorrect_state(message: str, type_token: str) -> CloudError:
    """409: the resource is in a state that does not allow the request."""
    return service_error(409, "IncorrectState", message, type_token)


def not_home_region(home_region_key: str, type_token: str) -> CloudError:
    """403: identity resources are written in the tenancy's home region only."""
    return service_error(
        403,
        "NotAllowed",
        f"Please go to your home region {home_region_key} to execute CREATE, UPDATE and DELETE "
        "operations.",
        type_token,
    )


def out_of_host_capacity(type_token: str) -> CloudError:
    """500: no host is free for what was asked."""
    return service_error(500, "InternalError", OUT_OF_HOST_CAPACITY, type_token)


def throttled(type_token: str) -> CloudError:
    """429: more requests than the tenancy may send."""
    return service_error(429, "TooManyRequests", "Too many requests for the user", type_token)


def internal_error(type_token: str) -> CloudError:
    """500: the service failed before it did anything."""
    return service_error(500, "InternalError", "Internal Server Error", type_token)


def answer_lost(region: str, type_token: str) -> CloudError:
    """The request was sent and no answer came back; what became of it is not known."""
    service = type_token.split(":")[1].split("/", maxsplit=1)[0].lower()
    return CloudError(
        f"request to https://{service}.{region}.oraclecloud.com: net/http: request canceled "
        f"({_TIMEOUT})"
    )


def _suggestion(status: int, code: str, message: str, service: str) -> str:
    if code == "InvalidParameter":
        return f"Please update the parameter(s) in the Pulumi config as per error message {message}"
    if code == "LimitExceeded":
        return f"Request a service limit increase for this resource {service}"
    by_status = {
        404: f"Either the resource has been deleted or service {service} need policy to access "
        "this resource. Policy reference: "
        "https://docs.oracle.com/en-us/iaas/Content/Identity/Reference/policyreference.htm",
        409: "The resource is in a conflicted state. Please retry again or contact support for "
        f"help with service: {service}",
        429: "Please re-apply your Pulumi config and/or increase the retry timeout",
        500: "The service for this resource encountered an error. Please contact support for "
        f"help with service: {service}",
    }
    return by_status.get(
        status, f"Please retry or contact support for help with service: {service}"
    )
