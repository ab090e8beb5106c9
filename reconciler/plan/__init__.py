"""Desired and observed state compared: actions, steps, order, guard, simulation, plan file. Pure."""
