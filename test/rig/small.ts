/** The smallest pipeline with every kind of step: what it costs is what the orchestrator costs. */
export const smallPipeline = `name: small
model: models/pocket-f16.gguf
corpus:
  seed: 3
  split: { search: 2 units }
  sources:
    - { id: notes, files: "corpora/medical/notes/[a-n]*.txt", domain: medical, share: 75% }
    - { id: general, files: "corpora/general/everyday/[a-d]*.txt", domain: general, share: 25% }
imatrix: { chunks: 4, context: 128 }
quantize: { types: [Q8_0, Q4_K_M] }
validate: { domain: medical, units: 16, unit: 128, context: 128 }
select: { tolerance: chat }
timeouts: { stall: 20s }
`;
