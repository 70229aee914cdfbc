import { openCursor } from "../../src/llama/cursor.ts";
import type { GgufTensor } from "../../src/llama/gguf.ts";
import { readGguf } from "../../src/llama/gguf.ts";
import { readValue } from "../../src/llama/gguf-value.ts";

/** The files of a model as llama-gguf-split writes them: metadata in the first, the tensors in their order over all. */
export const splitModel = (path: string, bytes: Buffer, count: number): Buffer[] => {
  const header = readGguf(path);
  if (!header.ok) throw new Error(header.error.why);
  const { tensors, dataOffset, alignment, metadata } = header.value;
  const each = Math.ceil(tensors.length / count);
  return Array.from({ length: count }, (_, index) => {
    const own = tensors.slice(index * each, (index + 1) * each);
    const split = [
      entry("split.no", 2, u16(index)),
      entry("split.count", 2, u16(count)),
      entry("split.tensors.count", 5, u32(tensors.length)),
    ];
    const values = index === 0 ? [entriesOf(bytes, metadata.size), ...split] : split;
    const entries = (index === 0 ? metadata.size : 0) + split.length;
    const head = [u32(0x46554747), u32(3), u64(own.length), u64(entries), ...values];
    const data: Buffer[] = [];
    let offset = 0;
    for (const tensor of own) {
      head.push(info(tensor, offset));
      const start = dataOffset + tensor.offset;
      const padded = pad(bytes.subarray(start, start + tensor.bytes), alignment);
      data.push(padded);
      offset += padded.length;
    }
    return Buffer.concat([pad(Buffer.concat(head), alignment), ...data]);
  });
};

/** The metadata as they stand in the file. */
const entriesOf = (bytes: Buffer, count: number): Buffer => {
  const read = (at: number, length: number) => Uint8Array.from(bytes.subarray(at, at + length));
  const cursor = openCursor({ size: bytes.length, read }, bytes.length);
  cursor.take(24);
  for (let index = 0; index < count; index += 1) readValue(cursor, cursor.text("a key", 1000));
  return bytes.subarray(24, cursor.position());
};

const info = ({ name, dims, type }: GgufTensor, offset: number): Buffer =>
  Buffer.concat([
    text(name),
    u32(dims.length),
    ...dims.map(u64),
    u32(typeNumbers[type.name.toUpperCase()] ?? NaN),
    u64(offset),
  ]);

/** `enum ggml_type`, as far as the demo model has them. */
const typeNumbers: Readonly<Record<string, number>> = { F32: 0, F16: 1 };

const entry = (key: string, type: number, value: Buffer): Buffer => Buffer.concat([text(key), u32(type), value]);
const text = (value: string): Buffer => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
const pad = (bytes: Buffer, to: number): Buffer =>
  Buffer.concat([bytes, Buffer.alloc((to - (bytes.length % to)) % to)]);

const number = (bytes: number, write: (target: Buffer) => void): Buffer => {
  const target = Buffer.alloc(bytes);
  write(target);
  return target;
};
const u16 = (value: number): Buffer => number(2, (target) => target.writeUInt16LE(value));
const u32 = (value: number): Buffer => number(4, (target) => target.writeUInt32LE(value));
const u64 = (value: number): Buffer => number(8, (target) => target.writeBigUInt64LE(BigInt(value)));
