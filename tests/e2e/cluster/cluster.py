"""A Kubernetes control plane of one's own: etcd, kube-apiserver, kube-controller-manager. There are no nodes."""

from __future__ import annotations

import json
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from tests.e2e.cluster import audit, credentials, flags, kubeconfig, process
from tests.e2e.cluster.api import Api
from tests.e2e.cluster.audit import Request
from tests.e2e.cluster.commands import Commands
from tests.e2e.cluster.flags import Place
from tests.e2e.cluster.process import Component
from tests.e2e.cluster.waiting import eventually
from tests.support.moto import free_port

_READY_SECONDS = 120.0


class Cluster:
    """A control plane that runs from `start` to `stop`, or to the end of this process, whichever comes first.

    Attributes:
        folder: everything of it: data, credentials, and a log of each component (`kube-apiserver.log` …).
        admin: the path of the administrator's kubeconfig.
        api: its API, as the administrator.
    """

    def __init__(self, folder: Path, *, controllers: bool, durable: bool) -> None:
        self.folder = folder
        made = credentials.make(folder / "credentials")
        self._place = Place(folder, free_port(), made)
        audit.write_policy(self._place.audit_policy)
        self.api = Api(self._place.url, made.ca, made.admin_token)
        self.admin = kubeconfig.write(folder / "admin.kubeconfig", self._place, made.admin_token)
        self._controllers = controllers
        self._durable = durable
        self._issued = 0
        self._components: dict[str, Component] = {}
        home = folder / "home"
        home.mkdir()
        self._commands = Commands(home, self.admin)
        self.kubectl = self._commands.kubectl
        self.helm = self._commands.helm
        self.environment = self._commands.environment

    @classmethod
    def start(cls, *, controllers: bool = True, durable: bool = False) -> Self:
        """A cluster that answers.

        Args:
            controllers: with kube-controller-manager: garbage collection, deletion of namespaces, service accounts.
            durable: etcd syncs to the disk, as it must to survive a power cut and need not in a test.

        Raises:
            CannotRunError: a program to build or run it with is missing.
            RuntimeError: a component ended; the message has the end of its log.
        """
        # Paths of sockets are at most 108 bytes long: those of pytest's folders can be longer.
        cluster = cls(Path(tempfile.mkdtemp(prefix="kmsctl-e2e-")), controllers=controllers, durable=durable)
        with ExitStack() as failing:
            failing.callback(cluster.stop)
            cluster._start()
            failing.pop_all()
        return cluster

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where its API is, such as `https://127.0.0.1:41234`."""
        return self._place.url

    @property
    def ca(self) -> Path:
        """The certificate of the authority that signed its API's."""
        return self._place.credentials.ca

    @property
    def pids(self) -> dict[str, int]:
        """The process ids of its components, by name."""
        return {name: component.process.pid for name, component in self._components.items()}

    def token_for(self, namespace: str, service_account: str, *, duration: str = "1h") -> str:
        """A token of a service account, through the TokenRequest API."""
        command = ("create", "token", service_account, f"--namespace={namespace}", f"--duration={duration}")
        return self.kubectl(*command).stdout.strip()

    def kubeconfig_for(self, token: str, *, namespace: str = "default") -> Path:
        """A kubeconfig of whoever bears `token`."""
        self._issued += 1
        return kubeconfig.write(self.folder / f"{self._issued}.kubeconfig", self._place, token, namespace=namespace)

    def api_for(self, token: str) -> Api:
        """The API, called by whoever bears `token`."""
        return Api(self.url, self.ca, token)

    def apply(self, *objects: dict[str, Any], namespace: str | None = None) -> None:
        """`kubectl apply` of objects; those that name no namespace go to `namespace`."""
        where = () if namespace is None else (f"--namespace={namespace}",)
        listed = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
        self.kubectl("apply", *where, "--filename=-", input=json.dumps(listed))

    def get(self, *what: str, namespace: str = "default") -> dict[str, Any]:
        """The object, or the list of them, that `kubectl get` finds."""
        found: dict[str, Any] = json.loads(self.kubectl("get", f"--namespace={namespace}", "-ojson", *what).stdout)
        return found

    def requests(self, user: str) -> list[Request]:
        """What `user`, such as `system:serviceaccount:shop:operator`, has asked the API server for so far.

        A request is in it shortly after its answer: wait for it with `eventually`.
        """
        return [request for request in audit.read(self._place.audit_log) if request.user == user]

    def kill_apiserver(self) -> None:
        """End kube-apiserver as a power cut would."""
        self._components["kube-apiserver"].kill()

    def start_apiserver(self) -> None:
        """Start kube-apiserver on the port and the data that it had, and wait until it is ready."""
        self._launch("kube-apiserver", *flags.kube_apiserver(self._place))
        self._wait_until_it_answers()

    def restart_apiserver(self) -> None:
        """Both: kube-controller-manager keeps running, as everything else that has to bear it."""
        self.kill_apiserver()
        self.start_apiserver()

    def stop(self) -> None:
        """End its processes, no others, and remove its folder."""
        for component in reversed(self._components.values()):
            component.kill()
        self._components.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self) -> None:
        self._launch("etcd", *flags.etcd(self._place, durable=self._durable))
        self.start_apiserver()
        if self._controllers:
            self._launch("kube-controller-manager", *flags.kube_controller_manager(self._place, self.admin))
            self._wait_for("/api/v1/namespaces/default/serviceaccounts/default")

    def _launch(self, name: str, *arguments: str) -> None:
        self._components[name] = process.start(name, *arguments, folder=self.folder)

    def _wait_until_it_answers(self) -> None:
        self._wait_for("/readyz")
        self._wait_for("/api/v1/namespaces/default")

    def _wait_for(self, path: str) -> None:
        def answered() -> bool:
            return all(component.check() for component in self._components.values()) and self.api.answers(path)

        eventually(answered, within=_READY_SECONDS, what=f"{self.url}{path} is answered")
