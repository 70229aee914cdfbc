/** Fewest units of a domain on which anything is decided: the first look. On fewer the tail of the losses is missed. */
export const fewestUnits = 16;

/** Numbers of units after which a decision may be taken: each twice the one before, so that few looks reach far. */
const looks = [fewestUnits, 32, 64, 128];

/**
 * The looks of a group-sequential decision over so many units of one domain: those below `units`, and `units` itself,
 * which is always the last. It lies here because both the plan, which cuts shards at them, and the decision need it.
 * @param units one at least
 */
export const looksOf = (units: number): number[] => [...looks.filter((look) => look < units), units];
