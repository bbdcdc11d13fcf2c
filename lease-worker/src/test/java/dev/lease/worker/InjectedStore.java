package dev.lease.worker;

import com.google.inject.Injector;
import dev.lease.JobAdmin;
import dev.lease.JobQueue;
import dev.lease.LeaseStore;

/** What an injector has of a store. */
record InjectedStore(JobQueue jobQueue, JobAdmin jobAdmin, LeaseStore leaseStore, Runnable onClose)
    implements AutoCloseable {

  static InjectedStore of(Injector injector, Store store) {
    return new InjectedStore(
        injector.getInstance(JobQueue.class),
        injector.getInstance(JobAdmin.class),
        injector.getInstance(LeaseStore.class),
        store.onClose(injector));
  }

  @Override
  public void close() {
    onClose.run();
  }
}
