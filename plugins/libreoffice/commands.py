"""The commands of the menu and the keys, as LibreOffice calls them: addresses that begin with `vnd.shadowpen:`.

Knows neither text nor the language server.
"""

import unohelper
from com.sun.star.frame import XDispatch, XDispatchProvider
from com.sun.star.lang import XInitialization, XServiceInfo
from shadowpen_writer import office

NAME = "org.shadowpen.libreoffice.Commands"
PROTOCOL = "vnd.shadowpen:"


class Commands(unohelper.Base, XInitialization, XDispatchProvider, XDispatch, XServiceInfo):
    """The commands of one window."""

    def __init__(self, context):
        self._office = office.of(context)
        self._frame = None

    def initialize(self, arguments):
        self._frame = arguments[0] if arguments else None

    def queryDispatch(self, url, target, flags):
        return self if url.Protocol == PROTOCOL else None

    def queryDispatches(self, requests):
        return tuple(self.queryDispatch(one.FeatureURL, one.FrameName, one.SearchFlags) for one in requests)

    def dispatch(self, url, arguments):
        if self._frame is not None:
            self._office.run(url.Path, self._frame.getController())

    def addStatusListener(self, listener, url):
        pass  # the commands are always there

    def removeStatusListener(self, listener, url):
        pass

    def getImplementationName(self):
        return NAME

    def supportsService(self, name):
        return name in self.getSupportedServiceNames()

    def getSupportedServiceNames(self):
        return ("com.sun.star.frame.ProtocolHandler",)


g_ImplementationHelper = unohelper.ImplementationHelper()
g_ImplementationHelper.addImplementation(Commands, NAME, ("com.sun.star.frame.ProtocolHandler",))
