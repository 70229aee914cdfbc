/** Rows in one block of memory: none is ever copied, and little is reserved ahead. */
const rowsPerBlock = 1024;

/** A growing table of rows of the same number of 32-bit values. */
export class Rows {
  readonly #width: number;
  readonly #blocks: Uint32Array[] = [];
  #count = 0;

  constructor(width: number) {
    this.#width = width;
  }

  get bytes(): number {
    return this.#blocks.length * rowsPerBlock * this.#width * Uint32Array.BYTES_PER_ELEMENT;
  }

  /** @returns the new row's number */
  push(row: Uint32Array): number {
    const number = this.#count;
    if (number % rowsPerBlock === 0) this.#blocks.push(new Uint32Array(rowsPerBlock * this.#width));
    this.block(number).set(row, this.start(number));
    this.#count += 1;
    return number;
  }

  /** The memory that holds a row, and where in it the row starts: a view of its own would be made for every look. */
  block(row: number): Uint32Array {
    const block = this.#blocks[Math.floor(row / rowsPerBlock)];
    if (block === undefined) throw new Error(`Internal error: no row ${row}`);
    return block;
  }

  start(row: number): number {
    return (row % rowsPerBlock) * this.#width;
  }
}
