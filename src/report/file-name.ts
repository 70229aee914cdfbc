/** A bare name: one with a folder could leave the working directory. */
export const fileName = (name: string): string => {
  if (name === "" || name === "." || name === ".." || name.includes("/"))
    throw new Error(`Internal error: not a file name: ${name}`);
  return name;
};
