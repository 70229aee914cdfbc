/** Values in one block of memory: none is ever copied, and little is reserved ahead. */
const blockLength = 4096;

type Values = Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** A growing list of numbers: with as many as documents, V8's own lists and objects take several times the memory. */
export class Column {
  readonly #make: new (length: number) => Values;
  readonly #blocks: Values[] = [];
  #length = 0;

  /** @param make `Float64Array` for numbers beyond 32 bits */
  constructor(make: new (length: number) => Values) {
    this.#make = make;
  }

  get length(): number {
    return this.#length;
  }

  /** @returns the value's place */
  push(value: number): number {
    const at = this.#length;
    if (at % blockLength === 0) this.#blocks.push(new this.#make(blockLength));
    this.#block(at)[at % blockLength] = value;
    this.#length += 1;
    return at;
  }

  at(place: number): number {
    if (place >= this.#length) throw new Error(`Internal error: no value at ${place}`);
    return this.#block(place)[place % blockLength] ?? 0;
  }

  #block(place: number): Values {
    const block = this.#blocks[Math.floor(place / blockLength)];
    if (block === undefined) throw new Error(`Internal error: no value at ${place}`);
    return block;
  }
}
