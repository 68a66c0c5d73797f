package dev.samgs.connectors;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What each package may know. */
@AnalyzeClasses(packages = "dev.samgs.connectors", importOptions = DoNotIncludeTests.class)
class RoomsTest {
  @ArchTest
  static final ArchRule onlyTheFlinkRoomKnowsFlink =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.samgs.connectors.flink..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.flink..", "dev.samgs.connectors.flink..");

  @ArchTest
  static final ArchRule eventsAndReportsKnowNoKafkaEither =
      noClasses()
          .that()
          .resideInAnyPackage("dev.samgs.connectors.event..", "dev.samgs.connectors.report..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.kafka..", "dev.samgs.connectors.kafka..");

  @ArchTest
  static final ArchRule roomsFormNoCycles =
      slices().matching("dev.samgs.connectors.(*)..").should().beFreeOfCycles();
}
