"""Benchmarks: ratios against named rivals in one run. Knows the product only as its users do."""
