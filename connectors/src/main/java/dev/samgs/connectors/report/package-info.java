/** What the job reports for people and dashboards, as JSON records with stable keys. */
package dev.samgs.connectors.report;
