"""What AWS says must be so of keys in several Regions, as a small model: states, material, and who can decrypt.

Times are whole days. It knows nothing of the engine.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Member:
    """A key in one Region."""

    disabled: bool = False
    due: int | None = None
    """The day of its deletion."""
    window: int | None = None
    """Days that its deletion will wait once its replicas are gone."""
    present: dict[int, int | None] = field(default_factory=dict)
    """Imported material that is there, and the day on which it expires."""

    @property
    def dying(self):
        return self.due is not None or self.window is not None


@dataclass
class ModelKey:
    """A key and those related to it in other Regions."""

    id: str
    external: bool
    multi_region: bool
    primary: str
    members: dict[str, Member]
    belonging: list[int] = field(default_factory=list)
    """Imported material that belongs to it for good; the last is current."""
    pending: int | None = None
    blobs: list[bytes] = field(default_factory=list)

    def state(self, region):
        member = self.members[region]
        if member.window is not None:
            return "PendingReplicaDeletion"
        if member.due is not None:
            return "PendingDeletion"
        if self.external and (not self.belonging or not self.belonging_present(member)):
            return "PendingImport"
        return "Disabled" if member.disabled else "Enabled"

    def belonging_present(self, member):
        return all(material in member.present for material in self.belonging)

    def enabled(self, region):
        return region in self.members and self.state(region) == "Enabled"

    def import_(self, region, material, *, new, expires):
        """Whether an import is taken; it takes effect."""
        member = self.members[region]
        if not self.external or member.dying:
            return False
        if not new and material not in (*self.belonging, self.pending):
            return False
        if new:
            taken = region != self.primary or self.pending is not None or material in self.belonging
            if taken:
                return False
            if self.belonging:
                self.pending = material
            else:
                self.belonging.append(material)
        member.present[material] = expires
        return True

    def remove(self, region, material):
        """Imported material goes: deleted or expired."""
        member = self.members[region]
        if material == self.pending and region == self.primary:
            self.pending = None
            for each in self.members.values():
                each.present.pop(material, None)
            return
        member.present.pop(material, None)
        if material in self.belonging and not member.dying:
            member.disabled = False

    def rotate(self, region):
        if region != self.primary or not self.enabled(region):
            return False
        if not self.external:
            return True
        everywhere = all(self.pending in member.present for member in self.members.values())
        if self.pending is None or not everywhere:
            return False
        self.belonging.append(self.pending)
        self.pending = None
        return True

    def replicate(self, region, to):
        allowed = self.multi_region and region == self.primary and self.enabled(region) and to not in self.members
        if allowed:
            self.members[to] = Member()
        return allowed

    def move(self, region, to):
        allowed = self.multi_region and region == self.primary and self.enabled(region) and to != region
        if not allowed or not self.enabled(to):
            return False
        self.primary = to
        return True

    def schedule(self, region, days, today):
        member = self.members[region]
        if member.dying:
            return False
        if region == self.primary and len(self.members) > 1:
            member.window = days
        else:
            member.due = today + days
        return True

    def cancel(self, region):
        member = self.members[region]
        if not member.dying:
            return False
        member.due = member.window = None
        member.disabled = self.state(region) != "PendingImport"
        return True

    def switch(self, region, *, disabled):
        if self.state(region) not in {"Enabled", "Disabled"}:
            return False
        self.members[region].disabled = disabled
        return True

    def dawn(self, today):
        """What a new day brings."""
        for region, member in list(self.members.items()):
            for material, expires in list(member.present.items()):
                if expires is not None and expires <= today and material in member.present:
                    self.remove(region, material)
        for region, member in list(self.members.items()):
            if member.due is not None and member.due <= today:
                del self.members[region]
        primary = self.members.get(self.primary)
        if primary is not None and primary.window is not None and len(self.members) == 1:
            primary.due, primary.window = today + primary.window, None
