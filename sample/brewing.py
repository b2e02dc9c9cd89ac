"""How hot and how long: brewing times for the teas we sell."""

from dataclasses import dataclass


@dataclass
class Tea:
    name: str
    degrees: int
    minutes: float


TEAS = [
    Tea("Sencha", 70, 1.5),
    Tea("Oolong", 85, 3),
    Tea("Darjeeling", 90, 3),
    Tea("Assam", 95, 4),
]


def celsius_to_fahrenheit(degrees: float) -> float:
    """Convert degrees Celsius to degrees Fahrenheit."""
    return degrees * 9 / 5 + 32


def fahrenheit_to_celsius(degrees: float) -> float:
    """Convert degrees Fahrenheit to degrees Celsius."""
    return (degrees - 32) * 5 / 9


def find_tea(name: str) -> Tea:
    """Return the tea with the given name."""
    for tea in TEAS:
        if tea.name == name:
            return tea
    raise KeyError(name)


# Type below, for example:  def hottest_tea() -> Tea:
