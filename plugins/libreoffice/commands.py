"""The commands of the menu and the keys, as LibreOffice calls them: addresses that begin with `vnd.shadowpen:`.

Knows neither text nor the language server.
"""

from __future__ import annotations

from typing import Any

import unohelper
from com.sun.star.frame import XDispatch, XDispatchProvider
from com.sun.star.lang import XInitialization, XServiceInfo
from shadowpen_writer import office

NAME = "org.shadowpen.libreoffice.Commands"
PROTOCOL = "vnd.shadowpen:"


class Commands(unohelper.Base, XInitialization, XDispatchProvider, XDispatch, XServiceInfo):
    """The commands of one window."""

    def __init__(self, context: Any) -> None:
        self._office = office.of(context)
        self._frame = None

    def initialize(self, arguments: Any) -> None:
        self._frame = arguments[0] if arguments else None

    def queryDispatch(self, url: Any, target: Any, flags: Any) -> Any:
        return self if url.Protocol == PROTOCOL else None

    def queryDispatches(self, requests: Any) -> tuple[Any, ...]:
        return tuple(self.queryDispatch(one.FeatureURL, one.FrameName, one.SearchFlags) for one in requests)

    def dispatch(self, url: Any, arguments: Any) -> None:
        if self._frame is not None:
            self._office.run(url.Path, self._frame.getController())

    def addStatusListener(self, listener: Any, url: Any) -> None:
        pass  # the commands are always there

    def removeStatusListener(self, listener: Any, url: Any) -> None:
        pass

    def getImplementationName(self) -> str:
        return NAME

    def supportsService(self, name: Any) -> bool:
        return name in self.getSupportedServiceNames()

    def getSupportedServiceNames(self) -> tuple[str, ...]:
        return ("com.sun.star.frame.ProtocolHandler",)


g_ImplementationHelper = unohelper.ImplementationHelper()
g_ImplementationHelper.addImplementation(Commands, NAME, ("com.sun.star.frame.ProtocolHandler",))
