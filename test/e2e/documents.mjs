/** What is in the documents of the flows, and what is typed into them. */

/** A small Python file with a pattern that even the smallest model continues. Ends on an empty line. */
export const temperatures = `"""Temperatures in several scales."""


def celsius_to_fahrenheit(celsius: float) -> float:
    """Convert degrees Celsius to degrees Fahrenheit."""
    return celsius * 9 / 5 + 32


def fahrenheit_to_celsius(fahrenheit: float) -> float:
    """Convert degrees Fahrenheit to degrees Celsius."""
    return (fahrenheit - 32) * 5 / 9


`;

/** Typed at the end of `temperatures`; the model goes on with the rest of the line. */
export const beginning = 'def celsius_to_kelvin(celsius: float) -> float:\n    """Convert degrees';
