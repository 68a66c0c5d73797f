/**
 * What a user can choose: the model, its tasks, its network and how it learns. Values only, no
 * behaviour.
 */
package dev.samgs.spec;
