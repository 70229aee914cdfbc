/** Numbers of units after which a decision may be taken: each twice the one before, so that few looks reach far. */
const looks = [16, 32, 64, 128];

/**
 * The looks of a group-sequential decision over so many units of one domain: those below `units`, and `units` itself,
 * which is always the last. It lies here because both the plan, which cuts shards at them, and the decision need it.
 * @param units one at least
 */
export const looksOf = (units: number): number[] => [...looks.filter((look) => look < units), units];
