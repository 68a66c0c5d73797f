package dev.samgs.snapshot;

import dev.samgs.learn.FrozenModel;

/**
 * A published model as it is kept beside its learner.
 *
 * @param version under which the predictors know it
 */
public record PublishedModel(long version, FrozenModel model) {}
