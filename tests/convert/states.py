"""What Terraform shows of a state or a plan, made up."""

from __future__ import annotations

ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
ARN = f"arn:aws:kms:us-east-1:111122223333:key/{ID}"
EU = f"arn:aws:kms:eu-west-1:111122223333:key/{ID}"


def resource(kind, name, values, *, module="", index=None, **more):
    at = "" if index is None else f'["{index}"]' if isinstance(index, str) else f"[{index}]"
    address = f"{f'{module}.' if module else ''}aws_kms_{kind}.{name}{at}"
    more |= {} if index is None else {"index": index}
    return {"address": address, "mode": "managed", "type": f"aws_kms_{kind}", "name": name, "values": values, **more}


def state(*resources, modules=()):
    children = [{"address": address, "resources": found} for address, found in modules]
    return {"format_version": "1.0", "values": {"root_module": {"resources": resources, "child_modules": children}}}


def plan(*resources, before=(), changes=(), configuration=None, providers=None):
    return {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": resources}},
        "prior_state": {"values": {"root_module": {"resources": before}}},
        "resource_changes": list(changes),
        "configuration": {"provider_config": providers or {}, "root_module": configuration or {}},
    }


def configured(kind, name, provider="aws", **references):
    expressions = {argument: {"references": list(found)} for argument, found in references.items()}
    return {"type": f"aws_kms_{kind}", "name": name, "provider_config_key": provider, "expressions": expressions}
