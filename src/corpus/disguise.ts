import { createHash } from "node:crypto";

/** Gives out whole numbers from 0 up to, not including, `below`, which is 26 at most. */
export type Draw = (below: number) => number;

/**
 * Numbers that depend on seed, kind and secret alone, so that a secret has one replacement wherever it stands. That they
 * are a little uneven does no harm: they hide nothing but which replacement was taken.
 */
export const drawFor = (seed: number, kind: string, secret: string): Draw => {
  let bytes = Buffer.alloc(0);
  let at = 0;
  let block = 0;
  return (below) => {
    if (at === bytes.length) {
      bytes = createHash("sha256").update(`${seed}\n${kind}\n${block}\n${secret}`).digest();
      block += 1;
      at = 0;
    }
    const byte = bytes[at] ?? 0;
    at += 1;
    return byte % below;
  };
};

const zero = 0x30;
const upperA = 0x41;
const lowerA = 0x61;

/**
 * Another text of the same shape: digits for digits, capitals for capitals, small letters for small ones and for letters
 * that have no case; all else stays.
 */
export const disguise = (text: string, draw: Draw): string =>
  text.replaceAll(/[\p{L}\p{Nd}]/gu, (character) => {
    if (/\p{Nd}/u.test(character)) return String.fromCharCode(zero + draw(10));
    return String.fromCharCode((/\p{Lu}/u.test(character) ? upperA : lowerA) + draw(26));
  });
