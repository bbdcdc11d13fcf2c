package dev.lease.worker;

import com.google.inject.Module;
import dev.lease.testkit.Capability;
import dev.lease.testkit.StoreFixture;
import dev.lease.testkit.TestBackend;
import java.time.Duration;
import java.util.Set;

/** A store of a module under the kit. A module has no clock to move, so the kit waits. */
final class ModuleFixture implements StoreFixture {

  private final Store store;
  private final Module module;

  ModuleFixture(Store store) {
    this.store = store;
    this.module = store.newModule();
    loadClasses();
  }

  /** The first calls take so long that the kit's leases, which are short, could run out. */
  private void loadClasses() {
    try (InjectedStore opened = store.open(module)) {
      opened.leaseStore().find("nobody's");
      opened.jobQueue().claim("nobody's", "worker", 1, Duration.ofSeconds(1));
    }
  }

  @Override
  public TestBackend open() {
    InjectedStore opened = store.open(module);
    return new TestBackend(
        opened.leaseStore(), opened.jobQueue(), opened.jobAdmin(), opened.onClose());
  }

  @Override
  public Duration unit() {
    return store.unit();
  }

  @Override
  public Set<Capability> lacks() {
    return store.lacks();
  }
}
