"""What AWS services need in the policy of a key that they use, one data file a service. Pure.

A preset says who asks (the account's principals through the service, or the service itself), for which actions and
under which conditions, as the page that it names documents it, and which grants the service makes for itself.
"""

from reconciler.policy.presets.catalogue import presets
from reconciler.policy.presets.preset import GrantTemplate, Option, OptionKind, Preset
from reconciler.policy.presets.write import ServiceWriter

__all__ = ["GrantTemplate", "Option", "OptionKind", "Preset", "ServiceWriter", "presets"]
