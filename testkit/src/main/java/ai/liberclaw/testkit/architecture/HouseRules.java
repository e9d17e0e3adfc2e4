package ai.liberclaw.testkit.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameEndingWith;
import static com.tngtech.archunit.lang.conditions.ArchConditions.callMethodWhere;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadPoolExecutor;

/**
 * Checks of imported classes. Each method throws an {@link AssertionError} that lists what breaks
 * its rule, and passes when there is no class it speaks of.
 */
public final class HouseRules {
  private static final String ROOT = "ai.liberclaw";
  private static final String[] TABLES = {"ai.liberclaw.db.agent..", "ai.liberclaw.db.platform.."};
  private static final Set<String> PLATFORM_POOLS =
      Set.of(
          "newFixedThreadPool",
          "newCachedThreadPool",
          "newSingleThreadExecutor",
          "newScheduledThreadPool",
          "newSingleThreadScheduledExecutor",
          "newWorkStealingPool");

  private HouseRules() {}

  /** The classes under these packages as they were compiled, without tests. */
  public static JavaClasses imported(String... packages) {
    return new ClassFileImporter()
        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
        .importPackages(packages);
  }

  /** No package below the root needs itself by way of others. */
  public static void noPackageCycles(JavaClasses classes, String rootPackage) {
    check(
        slices()
            .matching(rootPackage + ".(**)")
            .should()
            .beFreeOfCycles()
            .as("packages below " + rootPackage + " form no cycle"),
        classes);
  }

  /** This package and those below it know neither the web server nor the database library. */
  public static void withoutWebOrDatabase(JavaClasses classes, String packageName) {
    check(
        noClasses()
            .that()
            .resideInAPackage(packageName + "..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.helidon..", "org.jooq.."),
        classes);
  }

  /** Only stores, and the tables themselves, touch generated tables. */
  public static void onlyStoresTouchTables(JavaClasses classes) {
    check(
        noClasses()
            .that(
                DescribedPredicate.not(
                    partOf(simpleNameEndingWith("Store")).or(resideInAnyPackage(ROOT + ".db.."))))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(TABLES)
            .as("only classes named *Store touch generated tables"),
        classes);
  }

  /** Who sees whom: core nobody, agent and deploy not each other, nobody the api but itself. */
  public static void moduleArrows(JavaClasses classes) {
    check(
        classes()
            .that()
            .resideInAPackage(ROOT + ".core..")
            .should()
            .onlyDependOnClassesThat(
                DescribedPredicate.not(resideInAnyPackage(ROOT + ".."))
                    .or(resideInAnyPackage(ROOT + ".core.."))
                    .as("are core's own or foreign")),
        classes);
    neverSees(classes, "agent", "deploy", "api", "bot", "db.platform");
    neverSees(classes, "deploy", "agent", "api", "bot", "db.agent");
    neverSees(classes, "api", "agent", "bot", "db.agent");
    neverSees(classes, "db", "agent", "deploy", "api", "bot");
    neverSees(classes, "testkit", "db", "agent", "deploy", "api", "bot");
  }

  /** Work runs on virtual threads: nobody makes a pool of platform threads. */
  public static void noPlatformThreadPools(JavaClasses classes) {
    check(
        noClasses()
            .should(
                callMethodWhere(
                    DescribedPredicate.describe(
                        "makes a pool of platform threads",
                        call ->
                            call.getTargetOwner().isEquivalentTo(Executors.class)
                                && PLATFORM_POOLS.contains(call.getName()))))
            .orShould()
            .callConstructorWhere(
                DescribedPredicate.<JavaCall<?>>describe(
                        "makes a pool of platform threads",
                        call ->
                            call.getTargetOwner().isAssignableTo(ThreadPoolExecutor.class)
                                || call.getTargetOwner().isAssignableTo(ForkJoinPool.class))
                    .forSubtype()),
        classes);
  }

  private static void neverSees(JavaClasses classes, String module, String... others) {
    String[] packages = new String[others.length];
    for (int i = 0; i < others.length; i++) {
      packages[i] = ROOT + "." + others[i] + "..";
    }
    check(
        noClasses()
            .that()
            .resideInAPackage(ROOT + "." + module + "..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(packages),
        classes);
  }

  /** A class or one nested in it. */
  private static DescribedPredicate<JavaClass> partOf(DescribedPredicate<? super JavaClass> outer) {
    return DescribedPredicate.describe(
        outer.getDescription() + " or are nested in such",
        type -> {
          JavaClass at = type;
          while (at.getEnclosingClass().isPresent()) {
            if (outer.test(at)) {
              return true;
            }
            at = at.getEnclosingClass().get();
          }
          return outer.test(at);
        });
  }

  private static void check(ArchRule rule, JavaClasses classes) {
    rule.allowEmptyShould(true).check(classes);
  }
}
