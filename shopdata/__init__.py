"""shopdata: what a shop's own exports say, told truly. The product without a screen."""

__version__ = "0.1.0"
