"""Random hostile inputs for everything that reads what strangers send: ``make fuzz``."""
