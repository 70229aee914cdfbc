import { grown } from "./grown.ts";

/** What is connected with what: union-find over small numbers. A component's root is its smallest id. */
export class Components {
  /** Parents, as differences to the id itself, so that new memory means "its own root". */
  #up = new Uint32Array(1024);
  /** Members of a root's component but one. */
  #others = new Uint32Array(1024);

  get bytes(): number {
    return this.#up.byteLength + this.#others.byteLength;
  }

  /** Makes room for an id, which starts alone. */
  reserve(id: number): void {
    this.#up = grown(this.#up, id + 1);
    this.#others = grown(this.#others, id + 1);
  }

  root(id: number): number {
    const up = this.#up;
    let at = id;
    for (;;) {
      const step = up[at] ?? 0;
      if (step === 0) return at;
      // Every second one is led past its parent, so that paths stay short.
      const far = step + (up[at - step] ?? 0);
      up[at] = far;
      at -= far;
    }
  }

  size(id: number): number {
    return (this.#others[this.root(id)] ?? 0) + 1;
  }

  join(first: number, second: number): void {
    const [one, two] = [this.root(first), this.root(second)];
    if (one === two) return;
    const [low, high] = [Math.min(one, two), Math.max(one, two)];
    this.#up[high] = high - low;
    this.#others[low] = (this.#others[low] ?? 0) + (this.#others[high] ?? 0) + 1;
  }
}
