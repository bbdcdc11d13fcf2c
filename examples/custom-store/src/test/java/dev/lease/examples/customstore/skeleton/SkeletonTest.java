package dev.lease.examples.customstore.skeleton;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.launcher.TagFilter.excludeTags;

import dev.lease.testkit.JobAdminContract;
import dev.lease.testkit.JobQueueContract;
import dev.lease.testkit.LeaseStoreContract;
import dev.lease.testkit.StoreFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** What the kit says to who begins with the skeletons. */
@Tag("slow")
class SkeletonTest {

  static class Leases extends LeaseStoreContract {
    @Override
    protected StoreFixture fixture() {
      return new SkeletonFixture();
    }
  }

  static class Jobs extends JobQueueContract {
    @Override
    protected StoreFixture fixture() {
      return new SkeletonFixture();
    }
  }

  static class Admins extends JobAdminContract {
    @Override
    protected StoreFixture fixture() {
      return new SkeletonFixture();
    }
  }

  @Test
  void kitTellsWhereToBeginInEachContract(@TempDir Path directory) throws IOException {
    Path reports = directory.resolve("reports");
    LauncherFactory.create(
            LauncherConfig.builder()
                .enableLauncherSessionListenerAutoRegistration(false)
                .enableTestExecutionListenerAutoRegistration(false)
                .build())
        .execute(
            LauncherDiscoveryRequestBuilder.request()
                .selectors(
                    selectClass(Leases.class), selectClass(Jobs.class), selectClass(Admins.class))
                .filters(excludeTags("race", "history", "model", "rule"))
                .configurationParameter("lease.kit.report", reports.toString())
                .build());

    String page = Files.readString(reports.resolve("skeleton.md"));
    assertThat(page)
        .contains("\nLeaseStoreContract: begin with L01 ", "\nJobQueueContract: begin with Q14 ")
        .contains("\nJobAdminContract: begin with ")
        .as("no exception of the skeletons, and of no test")
        .doesNotContain("The same exception", "NullPointerException");
  }
}
