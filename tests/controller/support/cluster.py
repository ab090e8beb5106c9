"""An API server in memory, with what the operator depends on: versions, generations, finalizers, watches.

Sources of the rules: https://kubernetes.io/docs/reference/using-api/api-concepts/ and
https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/
"""

from __future__ import annotations

import copy
import itertools

from reconciler.controller.cluster.errors import ApiError
from reconciler.controller.cluster.refs import API_VERSION, RESOURCES
from tests.controller.support.objects import NAMESPACE, body, ref

_KINDS = {resource.plural: kind for kind, resource in RESOURCES.items()}


class Cluster:
    """What people do, what the operator asks (the methods of `Api`), and a watch of both."""

    def __init__(self, now):
        self.objects = {}
        """By path."""
        self.secrets = {}
        self.definitions = {resource.plural for resource in RESOURCES.values()}
        """The kinds that the API server knows, by their plurals."""
        self.events = []
        self.writes = []
        """Requests of the operator that could change an object of ours: verb and path."""
        self.watch = []
        """Events that nobody has taken yet, oldest first: the object, and whether it is gone."""
        self.echo = None
        """Takes events at once; None: they wait in `watch`."""
        self.faults = []
        """Hear of each request of the operator, as verb and path, before it counts; what they raise is its answer."""
        self.losses = []
        """The same of writes, after they took effect."""
        self._now = now
        self._versions = itertools.count(1)
        self._uids = itertools.count(1)

    # What people do.

    def apply(self, kind, name, spec=None, *, namespace=NAMESPACE, annotations=None):
        """Create an object, or change its spec and annotations."""
        which = ref(kind, name, namespace)
        found = self.objects.get(which.path)
        if found is None:
            new = body(kind, name, namespace=namespace, spec=spec, uid=f"uid-{next(self._uids)}")
            new["metadata"] |= {"annotations": annotations or {}, "creationTimestamp": f"{self._now():%FT%TZ}"}
            new["status"] = {"observedGeneration": -1}
            self._store(which.path, new)
            return which
        changed = copy.deepcopy(found)
        if spec is not None and spec != found["spec"]:
            changed["spec"] = spec
            changed["metadata"]["generation"] += 1
        if annotations is not None:
            changed["metadata"]["annotations"] = annotations
        self._store(which.path, changed)
        return which

    def replace(self, which):
        """Write the object as its manifest has it, and nothing that others have added."""
        found = self.objects[which.path]
        metadata = {name: value for name, value in found["metadata"].items() if name != "finalizers"}
        self._store(which.path, {**copy.deepcopy(found), "metadata": metadata})

    def delete(self, which):
        """Ask for an object's end; it is gone once no finalizer holds it."""
        found = self.objects.get(which.path)
        if found is None or "deletionTimestamp" in found["metadata"]:
            return
        changed = copy.deepcopy(found)
        changed["metadata"] |= {
            "deletionTimestamp": f"{self._now():%FT%TZ}",
            "generation": changed["metadata"]["generation"] + 1,
        }
        self._store(which.path, changed)

    def lose(self, which):
        """An object is gone whoever held it: its finalizers were taken off by hand, or a backup lacks it."""
        found = self.objects[which.path]
        self.objects[which.path] = {**found, "metadata": {**found["metadata"], "finalizers": []}}
        self.delete(which)

    def lose_status(self, which):
        """As a backup that is restored does."""
        found = self.objects.get(which.path)
        if found is not None:
            self._store(which.path, {**copy.deepcopy(found), "status": {}})

    # What the operator asks.

    async def get(self, path, params=None):
        self._hear("GET", path)
        if path == f"/apis/{API_VERSION}":
            if not self.definitions:
                raise ApiError(404, "NotFound", path)
            return {"resources": [{"name": plural} for plural in sorted(self.definitions)]}
        if path in self.secrets:
            data = dict(self.secrets[path])
            return {"metadata": {"resourceVersion": str(sorted(data.items()))}, "data": data}
        return copy.deepcopy(self._there(path))

    async def metadata(self, path):
        return {"metadata": (await self.get(path))["metadata"]}

    async def list_metadata(self, path):
        for item in await self.list(path):
            yield {"metadata": item["metadata"]}

    async def list(self, path, params=None):
        self._hear("LIST", path)
        plural = path.rpartition("/")[2]
        if plural not in self.definitions:
            raise ApiError(404, "NotFound", path)
        within = path.removesuffix(plural)
        items = [one for where, one in self.objects.items() if where.startswith(within) and f"/{plural}/" in where]
        return [{name: value for name, value in copy.deepcopy(one).items() if name != "kind"} for one in items]

    async def create(self, path, new):
        self._hear("POST", path)
        self.events.append(new)
        return new

    async def patch(self, path, patch, *, content_type=None, params=None):
        self._hear("PATCH", path)
        if "/events/" in path:
            return {}
        self.writes.append(("PATCH", path))
        found = self._there(path)
        wanted = patch.get("metadata", {}).get("resourceVersion", found["metadata"]["resourceVersion"])
        if wanted != found["metadata"]["resourceVersion"]:
            raise ApiError(409, "Conflict", "the object has been modified")
        changed = _merged(found, {**patch, "metadata": {**patch.get("metadata", {}), "resourceVersion": wanted}})
        return self._answer(path, changed)

    async def put_status(self, which, uid, status):
        path = f"{which.path}/status"
        self._hear("PATCH", path)
        self.writes.append(("PATCH", path))
        found = self._there(which.path)
        if found["metadata"]["uid"] != uid:
            raise ApiError(422, "Invalid", "the server rejected our request due to an error in our request")
        return self._answer(which.path, {**copy.deepcopy(found), "status": copy.deepcopy(status)})

    async def close(self):
        """Nothing is open."""

    def of(self, which):
        """An object, or None."""
        return self.objects.get(which.path)

    def _hear(self, verb, path):
        for fault in tuple(self.faults):
            fault(verb, path)

    def _there(self, path):
        if path not in self.objects:
            raise ApiError(404, "NotFound", path)
        return self.objects[path]

    def _answer(self, path, changed):
        """A write that changes nothing makes no new version."""
        if changed != self.objects[path]:
            self._store(path, changed)
        else:
            changed = self.objects[path]
        for loss in tuple(self.losses):
            loss("PATCH", path)
        return {name: copy.deepcopy(value) for name, value in changed.items() if name not in {"kind", "apiVersion"}}

    def _store(self, path, new):
        new["metadata"]["resourceVersion"] = str(next(self._versions))
        gone = "deletionTimestamp" in new["metadata"] and not new["metadata"].get("finalizers")
        if gone:
            self.objects.pop(path, None)
        else:
            self.objects[path] = new
        self.watch.append((copy.deepcopy({**new, "apiVersion": API_VERSION}), gone))
        if self.echo is not None:
            self.echo()


def _merged(before, patch):
    """RFC 7396."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    merged = dict(before) if isinstance(before, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merged(merged.get(key), value)
    return merged
