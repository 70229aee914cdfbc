/** A stretch of the holdout that is measured at once. */
export interface Shard {
  /** 1, 2, … : the last part of step ids such as `validate/Q4_K_M/2`. */
  readonly number: number;
  readonly units: number;
}

/** Numbers of units after which a decision may be taken (the looks of the group-sequential test). */
const looks = [16, 32, 64, 128];

/** Base logits of a shard lie on disk at once, and running means lose precision with length: at most 64 windows. */
const maxWindows = 64;

/** Cuts `units` at the looks, and further where a shard would hold more than 64 windows. */
export const cutShards = (units: number, windowsPerUnit: number): Shard[] => {
  const ends = [...looks.filter((look) => look < units), units];
  const most = Math.max(1, Math.floor(maxWindows / windowsPerUnit));
  const sizes = ends.flatMap((end, index) => pieces(end - (ends[index - 1] ?? 0), most));
  return sizes.map((size, index) => ({ number: index + 1, units: size }));
};

const pieces = (units: number, most: number): number[] => {
  const count = Math.ceil(units / most);
  return Array.from(
    { length: count },
    (_, index) => Math.floor((units * (index + 1)) / count) - Math.floor((units * index) / count),
  );
};
