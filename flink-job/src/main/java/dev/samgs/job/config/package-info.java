/**
 * The one YAML file that configures everything: its records, the reader that binds it to them and
 * says what is wrong on which line, and the printer that writes a commented file.
 */
package dev.samgs.job.config;
