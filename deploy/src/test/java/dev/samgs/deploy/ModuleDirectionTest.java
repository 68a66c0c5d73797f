package dev.samgs.deploy;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Modules depend on each other in one direction only, and packages form no cycles. */
@AnalyzeClasses(packages = "dev.samgs", importOptions = DoNotIncludeTests.class)
class ModuleDirectionTest {

  private static final String[] OUTSIDE_CORE = {
    "dev.samgs.connectors..", "dev.samgs.job..", "dev.samgs.deploy.."
  };

  @ArchTest
  static final ArchRule coreKnowsNeitherFlinkNorKafkaNorTheOtherModules =
      noClasses()
          .that(resideOutsideOfPackages(OUTSIDE_CORE))
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("org.apache.flink..", "org.apache.kafka..")
                  .or(resideInAnyPackage(OUTSIDE_CORE)))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule connectorsKnowNeitherJobNorDeployment =
      noClasses()
          .that()
          .resideInAPackage("dev.samgs.connectors..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.samgs.job..", "dev.samgs.deploy..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule jobDoesNotKnowItsDeployment =
      noClasses()
          .that()
          .resideInAPackage("dev.samgs.job..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.samgs.deploy..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule packagesFormNoCycles =
      slices().matching("dev.samgs.(*)..").should().beFreeOfCycles().allowEmptyShould(true);
}
