#!/usr/bin/env python3
"""Checks the rules of the tree that a program can check; prints `file:line: rule: problem; cure` for each breach.

Usage: tidy.py [ROOT]
"""

import sys
from pathlib import Path

import completeness
import formatting
import layers
import sizes
import wording
from tree import Tree

RULES = layers.RULES + sizes.RULES + wording.RULES + completeness.RULES + formatting.RULES


def violations(root):
    tree = Tree.read(root)
    return [violation for rule in RULES for violation in rule(tree)]


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]
    found = violations(root)
    for violation in found:
        print(violation)
    print(f"{len(found)} breaches of the tree's rules" if found else "the tree keeps its rules")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
