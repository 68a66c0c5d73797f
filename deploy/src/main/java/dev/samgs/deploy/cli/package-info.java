/** The samgs command: its options, its output and what it says when something goes wrong. */
package dev.samgs.deploy.cli;
