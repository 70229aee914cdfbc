/** A pipeline of a few seconds with every kind of step: two types, four calibration windows, sixteen holdout units. */
export const tinyPipeline = `name: tiny
model: models/pocket-f16.gguf
corpus:
  seed: 3
  split: { search: 2 units }
  sources:
    - { id: notes, files: corpora/medical/notes/*.txt, domain: medical, share: 75% }
    - { id: general, files: corpora/general/everyday/*.txt, domain: general, share: 25% }
imatrix: { chunks: 4, context: 512 }
quantize: { types: [Q8_0, Q4_K_M] }
validate: { domain: medical, units: 16, unit: 512, context: 512 }
select: { tolerance: chat }
timeouts: { stall: 20s }
`;
