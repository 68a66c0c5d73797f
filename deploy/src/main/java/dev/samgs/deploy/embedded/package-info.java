/** The embedded stack: a Kafka broker and a Flink mini cluster inside this JVM. */
package dev.samgs.deploy.embedded;
