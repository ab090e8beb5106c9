"""What a key policy means: which requests it answers how, whatever words it uses. Pure.

`witness` says whether two policies mean the same, and if not, for which request they do not.
"""

from reconciler.policy.meaning.effectiveness import Effectiveness, effectiveness
from reconciler.policy.meaning.keykinds import spelled
from reconciler.policy.meaning.outcome import Difference, Undecided, Witness
from reconciler.policy.meaning.witness import witness

__all__ = ["Difference", "Effectiveness", "Undecided", "Witness", "effectiveness", "spelled", "witness"]
