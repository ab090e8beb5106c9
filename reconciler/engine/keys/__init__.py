"""What keys are and what becomes of them, whatever operation asks: names, states, material, rules, and the way of time.

Operations stand on this room; it knows none of them.
"""
