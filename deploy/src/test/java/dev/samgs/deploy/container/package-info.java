/** The system as its users run it: in containers, where there is a Docker engine. */
package dev.samgs.deploy.container;
