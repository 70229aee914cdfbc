import { text } from "./leaf.ts";

/** An address without a password. */
export const webAddress = (example: string) => {
  const what = `an address such as \`${example}\``;
  return text(what)
    .max(2048, { error: "at most 2048 characters long" })
    .refine(isWebAddress, { error: `${what}, without a password` });
};

export const sha256Digits = () => text("a SHA-256 of 64 digits `0-9a-f`", /^[0-9a-f]{64}$/);

/** Plain http is for a machine of one's own: the digest keeps others from changing the file, not from seeing it. */
const isWebAddress = (written: string): boolean => {
  if (!URL.canParse(written)) return false;
  const { protocol, username, password, hostname } = new URL(written);
  const own = ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
  return (protocol === "https:" || (protocol === "http:" && own)) && username === "" && password === "";
};
