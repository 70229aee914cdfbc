// Subsequence matching for the command palette.
//
// "opf" should find "Open File" ahead of "Stop Profiler": both contain the
// letters in order, but the first one hits the starts of words. The score is
// found by dynamic programming over (query letter, candidate letter); lists
// here are a few hundred short strings, so nobody has needed it to be clever.

const WORD_START = 8;
const RUN = 5;
const PLAIN = 1;
const SKIP_COST = 0.1;

function startsWord(text, i) {
  if (i === 0) return true;
  const before = text[i - 1];
  if (/[\s/_.:-]/.test(before)) return true;
  // camelCase humps count as well.
  return /\p{Ll}/u.test(before) && /\p{Lu}/u.test(text[i]);
}

/**
 * Best alignment of `query` inside `text`, or null if there is none.
 * Returns { score, hits } where hits are the indexes to embolden.
 */
function align(query, text) {
  const q = query.toLowerCase();
  const t = text.toLowerCase();
  if (q.length > t.length) return null;

  // best[j]: the best alignment of the letters so far whose last hit is j.
  let best = null;
  for (let k = 0; k < q.length; k += 1) {
    const row = new Array(t.length).fill(null);
    for (let j = k; j < t.length; j += 1) {
      if (t[j] !== q[k]) continue;
      const bonus = startsWord(text, j) ? WORD_START : PLAIN;
      if (best === null) {
        row[j] = { score: bonus - j * SKIP_COST, hits: [j] };
        continue;
      }
      for (let i = k - 1; i < j; i += 1) {
        const prior = best[i];
        if (prior === null) continue;
        const step = i === j - 1 ? RUN : -(j - i - 1) * SKIP_COST;
        const score = prior.score + bonus + step;
        if (row[j] === null || score > row[j].score) {
          row[j] = { score, hits: [...prior.hits, j] };
        }
      }
    }
    best = row;
  }

  return best.reduce(
    (top, cell) => (cell && (!top || cell.score > top.score) ? cell : top),
    null,
  );
}

function filterCommands(query, commands, limit = 20) {
  const wanted = query.replace(/\s+/g, "");
  if (wanted === "") return commands.slice(0, limit).map((c) => ({ ...c, hits: [] }));

  return commands
    .map((command) => ({ command, match: align(wanted, command.title) }))
    .filter(({ match }) => match !== null)
    .sort((a, b) => b.match.score - a.match.score || a.command.title.length - b.command.title.length)
    .slice(0, limit)
    .map(({ command, match }) => ({ ...command, hits: match.hits }));
}

export { align, filterCommands };
