#!/usr/bin/env python3
"""Forest-fire cellular automaton, printed to the terminal.

Each tick a burning tree turns to ash, a tree next to a fire catches, a bare
cell sprouts with probability --grow, and lightning strikes a standing tree
with probability --strike.  The edges wrap around.
"""

import argparse
import random
import sys

BARE, TREE, FIRE = 0, 1, 2
GLYPHS = {BARE: " ", TREE: "^", FIRE: "*"}
NEIGHBOURS = [(-1, 0), (1, 0), (0, -1), (0, 1)]


def seed_forest(rows, cols, density, rng):
    return [
        [TREE if rng.random() < density else BARE for _ in range(cols)]
        for _ in range(rows)
    ]


def tick(grid, grow, strike, rng):
    rows, cols = len(grid), len(grid[0])

    def near_fire(r, c):
        return any(
            grid[(r + dr) % rows][(c + dc) % cols] == FIRE for dr, dc in NEIGHBOURS
        )

    fresh = []
    for r in range(rows):
        line = []
        for c in range(cols):
            cell = grid[r][c]
            if cell == FIRE:
                line.append(BARE)
            elif cell == TREE:
                # Test the neighbours first: it is cheaper to skip the draw,
                # though it does mean the random stream depends on the state.
                burning = near_fire(r, c) or rng.random() < strike
                line.append(FIRE if burning else TREE)
            else:
                line.append(TREE if rng.random() < grow else BARE)
        fresh.append(line)
    return fresh


def census(grid):
    counts = [0, 0, 0]
    for line in grid:
        for cell in line:
            counts[cell] += 1
    return counts


def main(argv=None):
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("--size", type=int, nargs=2, default=(20, 60), metavar=("R", "C"))
    ap.add_argument("--ticks", type=int, default=100)
    ap.add_argument("--grow", type=float, default=0.02)
    ap.add_argument("--strike", type=float, default=0.0004)
    ap.add_argument("--seed", type=int)
    args = ap.parse_args(argv)

    rng = random.Random(args.seed)
    grid = seed_forest(*args.size, density=0.55, rng=rng)
    for step in range(args.ticks):
        grid = tick(grid, args.grow, args.strike, rng)
        _, trees, fires = census(grid)
        print(f"{step:5d}  trees={trees:5d}  burning={fires:4d}", file=sys.stderr)
    print("\n".join("".join(GLYPHS[cell] for cell in line) for line in grid))


if __name__ == "__main__":
    main()
