//! Cheapest route across a height map, for the walking-route prototype.
//!
//! A step costs 1 plus three times the climb. Costs are never negative, so
//! plain Dijkstra is enough.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

pub type Cell = (usize, usize);

#[derive(Debug)]
pub struct HeightMap {
    width: usize,
    heights: Vec<u16>,
}

impl HeightMap {
    /// Builds a map from rows of digits; `None` if they are ragged or missing.
    pub fn from_digits(text: &str) -> Option<Self> {
        let mut width = 0;
        let mut heights = Vec::new();
        for line in text.split_whitespace() {
            if width != 0 && line.len() != width {
                return None;
            }
            width = line.len();
            for ch in line.chars() {
                heights.push(ch.to_digit(10)? as u16);
            }
        }
        (width != 0).then_some(Self { width, heights })
    }

    fn step_cost(&self, from: usize, to: usize) -> u32 {
        1 + 3 * u32::from(self.heights[to].saturating_sub(self.heights[from]))
    }

    fn around(&self, i: usize) -> impl Iterator<Item = usize> {
        let (w, n, x) = (self.width, self.heights.len(), i % self.width);
        [
            (x > 0).then(|| i - 1),
            (x + 1 < w).then(|| i + 1),
            i.checked_sub(w),
            Some(i + w).filter(|&j| j < n),
        ]
        .into_iter()
        .flatten()
    }

    /// Total cost and the cells visited, or `None` if an end is off the map.
    pub fn route(&self, start: Cell, goal: Cell) -> Option<(u32, Vec<Cell>)> {
        let index = |(x, y): Cell| {
            (x < self.width && y < self.heights.len() / self.width).then(|| y * self.width + x)
        };
        let (start, goal) = (index(start)?, index(goal)?);
        let mut best = vec![u32::MAX; self.heights.len()];
        let mut came_from = vec![usize::MAX; self.heights.len()];
        let mut queue = BinaryHeap::from([Reverse((0, start))]);
        best[start] = 0;

        while let Some(Reverse((cost, here))) = queue.pop() {
            if here == goal {
                break;
            }
            for next in self.around(here) {
                let through = cost + self.step_cost(here, next);
                if through < best[next] {
                    best[next] = through;
                    came_from[next] = here;
                    queue.push(Reverse((through, next)));
                }
            }
        }

        let mut path = vec![goal];
        while path[path.len() - 1] != start {
            path.push(came_from[path[path.len() - 1]]);
        }
        path.reverse();
        let cells = path.iter().map(|i| (i % self.width, i / self.width));
        Some((best[goal], cells.collect()))
    }
}
