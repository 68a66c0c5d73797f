/**
 * The console: a web page that shows how models learn, drift and are published. It reads the
 * topics, keeps what fits on a page, and pushes what changes to browsers.
 */
package dev.samgs.deploy.console;
