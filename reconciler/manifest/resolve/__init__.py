"""From manifests to desired state, where it is known, or assumed, which account and Region they end up in."""
