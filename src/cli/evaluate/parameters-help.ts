// The parameters of every task for `gandl evaluate --help`; a test holds them to the tasks. Text, so that help needs no task loaded.

/** `*` must be given. */
export const PARAMETERS_HELP = `
Parameters by --set (* must be given; docs/tasks.md tells each; rows as in --set 'healthy={"condition":["Mock"]}'):
  condition: negative* and positive* (rows; also --negative, --positive), negativeName, positiveName, splits, normalise,
    unit, c, classifier, steps, maxTrainRows, nResamples, question
  cell-type: label, rows, splits, normalise, c, classifier, steps, maxTrainRows, nResamples, question
  perturbation: label, rows, profile, compound, batch, topK, normalise, maxQueries, maxReferences, nResamples, question
  hits: healthy*, diseased* and treated* (rows), known (also --known), actives, topK, fdr, offAxisLimit, nPermutations,
    nResamples, question
  dose-response: healthy*, diseased* and treated* (rows), alsoScored, offAxisLimit, question
  retrieval: controls* (rows), treated, sameBy, group, profile, aggregate, similarity, normalise, nullSize, fdr,
    maxControls, maxPerGroup, nResamples, question
  batch-effects: rows, batches, normalise, nNeighbours, maxQueries, maxReferences, maxTrainRows, nResamples, question
  plate-identity: rows, normalise, unit, nFolds, c, nResamples, question`;
