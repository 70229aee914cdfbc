/*
 * Click-to-sort for plain HTML tables.
 *
 * Markup:  <table data-sortable>, and on a heading either nothing or
 *          data-sort="number" / data-sort="date" / data-sort="none".
 *          A cell may carry data-value when what it shows is not what
 *          it should be sorted by ("2 days ago", "1.4 MB").
 *
 * Without this script the table is simply a table.
 */
(() => {
  "use strict";

  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

  const readers = {
    text: (raw) => raw,
    // Strip everything that cannot be part of a number: currency, thin spaces.
    number: (raw) => Number.parseFloat(raw.replace(/[^\d.+-]/g, "")),
    date: (raw) => Date.parse(raw),
  };

  function compareKeys(a, b) {
    if (typeof a === "string") return collator.compare(a, b);
    return a - b;
  }

  function sortBy(table, heading, descending) {
    const column = heading.cellIndex;
    const read = readers[heading.dataset.sort] ?? readers.text;

    for (const body of table.tBodies) {
      const keyed = Array.from(body.rows, (row) => {
        const cell = row.cells[column];
        const raw = cell?.dataset.value ?? cell?.textContent.trim() ?? "";
        return { row, blank: raw === "", key: read(raw) };
      });

      keyed.sort((a, b) => {
        const aLast = a.blank || Number.isNaN(a.key);
        const bLast = b.blank || Number.isNaN(b.key);
        // Blanks sink to the bottom in both directions.
        if (aLast || bLast) return Number(aLast) - Number(bLast);
        const order = compareKeys(a.key, b.key);
        return descending ? -order : order;
      });

      body.append(...keyed.map(({ row }) => row));
    }

    for (const other of heading.parentElement.cells) {
      other.removeAttribute("aria-sort");
    }
    heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
  }

  function enhance(table) {
    const headings = table.tHead?.rows[0]?.cells ?? [];
    for (const heading of headings) {
      if (heading.dataset.sort === "none") continue;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      button.addEventListener("click", () => {
        sortBy(table, heading, heading.getAttribute("aria-sort") === "ascending");
      });
      heading.append(button);
    }
  }

  document.querySelectorAll("table[data-sortable]").forEach(enhance);
})();
