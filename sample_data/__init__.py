"""Invented exports of two Douyin shops, their expected figures, and what makes them."""
