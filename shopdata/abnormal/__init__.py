"""Abnormal orders: one frozen definition a rule, the hits they leave in the store, and how they are read."""
