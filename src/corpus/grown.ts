/** A copy with room for `size` values, or the array itself if it has it; half as much again is reserved ahead. */
export const grown = (values: Uint32Array<ArrayBuffer>, size: number): Uint32Array<ArrayBuffer> => {
  if (size <= values.length) return values;
  const larger = new Uint32Array(Math.max(size, Math.ceil(1.5 * values.length)));
  larger.set(values);
  return larger;
};
