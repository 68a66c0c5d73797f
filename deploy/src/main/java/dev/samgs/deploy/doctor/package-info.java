/** What has to be right on a machine and in a Kafka cluster, looked at before something fails. */
package dev.samgs.deploy.doctor;
