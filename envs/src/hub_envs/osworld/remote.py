"""Providers beside `local`: a desktop that somebody else runs, and OSWorld's own virtual machines.

OSWorld's machines are adapted from their code (`desktop_env` 1.0.2) and have not been run from here: they need a hypervisor, an image of
some 20 GB and, for the clouds, an account. What is tested is the order in which their provider is asked.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from gymnasium.error import DependencyNotInstalled

from hub_envs.osworld.client import Desktop
from hub_envs.osworld.provider import Machine, Provider

OSWORLD = ("aliyun", "aws", "azure", "docker", "virtualbox", "vmware", "volcengine")
"""Names of OSWorld's own providers."""

_BOOT = 300.0
"""Seconds that a virtual machine is given to boot."""

_ANSWER = 10.0
"""Seconds that a desktop that runs already is given to answer."""


def find_provider(name: str, screen: tuple[int, int], options: dict[str, Any]) -> Provider:
    """Return a provider.

    Args:
        name: `local`, the address of a control server, or one of `OSWORLD`.
        screen: width and height in pixels; a machine that has another size keeps it, and the environment says so.
        options: keyword arguments of `VirtualMachines` for OSWorld's providers.

    Raises:
        ValueError: there is no such provider, or it takes no options.
        DependencyNotInstalled: something that it needs is missing; the message says what installs it.
    """
    if name in OSWORLD:
        return VirtualMachines(name, screen, **options)
    if options:
        raise ValueError(f"the provider {name} takes no provider_options")
    if name == "local":
        from hub_envs.osworld.local import LocalProvider

        return LocalProvider(screen)
    if name.startswith(("http://", "https://")):
        return RunningServer(name, screen)
    if name == "qemu":
        raise ValueError(
            "OSWorld runs QEMU in its provider docker; a QEMU machine of your own is reached by its control server's address,"
            ' forwarded by -nic user,hostfwd=tcp::5000-:5000: provider="http://127.0.0.1:5000"'
        )
    raise ValueError(f"no provider {name!r}: there are local, {', '.join(OSWORLD)}, and addresses such as http://127.0.0.1:5000")


@dataclass(frozen=True, slots=True)
class RemoteMachine:
    """A machine that is reached by its addresses; `provider` stops it, if anybody does."""

    url: str
    chromium_url: str
    screen: tuple[int, int]
    provider: VirtualMachines | None = None

    def stop(self) -> None:
        """End the machine, unless somebody else runs it."""
        if self.provider is not None:
            self.provider.stop()

    def __enter__(self) -> Machine:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


class RunningServer:
    """A desktop that runs already. It is neither cleaned between episodes nor stopped: whoever runs it sees to that.

    Args:
        url: of its control server.
        screen: width and height in pixels.
    """

    def __init__(self, url: str, screen: tuple[int, int]) -> None:
        self.url = url.rstrip("/")
        self.screen = screen

    def start(self) -> Machine:
        """Return the desktop, once it answers."""
        _await(self.url, _ANSWER)
        host = self.url.rsplit(":", 1)[0] if self.url.count(":") > 1 else self.url
        return RemoteMachine(self.url, f"{host}:9222", self.screen)


class VirtualMachines:
    """OSWorld's own machines, reverted to a snapshot before every episode but the first.

    Args:
        name: one of `OSWORLD`.
        screen: width and height in pixels, for images that come in several sizes.
        path_to_vm: OSWorld's name of the machine; None lets its manager find or download one.
        region: of a cloud.
        snapshot: what episodes start from.
        headless: whether the hypervisor opens no window.
        os_type: `Ubuntu` or `Windows`.

    Raises:
        DependencyNotInstalled: `desktop_env`, or what it imports, is missing.
    """

    def __init__(
        self,
        name: str,
        screen: tuple[int, int],
        *,
        path_to_vm: str | None = None,
        region: str | None = None,
        snapshot: str = "init_state",
        headless: bool = True,
        os_type: str = "Ubuntu",
    ) -> None:
        try:
            providers = importlib.import_module("desktop_env.providers")
            manager, self._provider = providers.create_vm_manager_and_provider(name, region)
        except ImportError as missing:
            raise DependencyNotInstalled(
                f"the provider {name} is OSWorld's own and needs its package ({missing}): pip install desktop-env, in an environment of its"
                f' own, since it holds gymnasium and numpy back; or use provider="local"'
            ) from missing
        self.screen = screen
        self._machine = path_to_vm or manager.get_vm_path(os_type=os_type, region=region, screen_size=screen)
        self._snapshot, self._headless, self._os_type = snapshot, headless, os_type
        self._used = False

    def start(self) -> Machine:
        """Start the machine and wait until it answers."""
        if self._used:
            self._machine = self._provider.revert_to_snapshot(self._machine, self._snapshot) or self._machine
        self._used = True
        self._provider.start_emulator(self._machine, self._headless, self._os_type)
        host, server, chromium = [*self._provider.get_ip_address(self._machine).split(":"), "5000", "9222"][:3]
        url = f"http://{host}:{server}"
        _await(url, _BOOT)
        return RemoteMachine(url, f"http://{host}:{chromium}", self.screen, self)

    def stop(self) -> None:
        """End the machine."""
        self._provider.stop_emulator(self._machine)


def _await(url: str, seconds: float) -> None:
    desktop = Desktop(url)
    try:
        desktop.wait(seconds)
    finally:
        desktop.close()
