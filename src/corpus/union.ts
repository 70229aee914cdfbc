/** Disjoint sets of whole numbers, each named by its smallest member. */
export class Union {
  readonly #parents: number[] = [];

  /** The set of `item`, which is a set of its own until it is joined. */
  find(item: number): number {
    for (let fresh = this.#parents.length; fresh <= item; fresh += 1) this.#parents.push(fresh);
    let root = item;
    while (this.#parent(root) !== root) root = this.#parent(root);
    for (let at = item; at !== root;) {
      const next = this.#parent(at);
      this.#parents[at] = root;
      at = next;
    }
    return root;
  }

  join(a: number, b: number): void {
    const [first, second] = [this.find(a), this.find(b)];
    this.#parents[Math.max(first, second)] = Math.min(first, second);
  }

  #parent(item: number): number {
    return this.#parents[item] ?? item;
  }
}
