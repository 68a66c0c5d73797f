/** Text for people: tables, colours and what is drawn over on a terminal. */
package dev.samgs.deploy.terminal;
