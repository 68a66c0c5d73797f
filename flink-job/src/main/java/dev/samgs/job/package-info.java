/**
 * The streaming job: operators that keep one online learner per model in keyed state, the
 * serializers of that state, the job's configuration and its entry point. The shaded jar of this
 * module is what a Flink cluster runs.
 */
package dev.samgs.job;
