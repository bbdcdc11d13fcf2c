package dev.lease.testkit;

import dev.lease.Admission;
import dev.lease.Capability;
import dev.lease.JobAdmin;
import dev.lease.JobGraphs;
import dev.lease.JobQueue;
import dev.lease.LeaseStore;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.Set;

/** The parts of the reference store. A broken store replaces one of them. */
class Parts {

  /** Begins anew to watch for a chance to be wrong. */
  void forgetChances() {}

  /** Whether the store had a chance to be wrong since then. */
  boolean hadItsChance() {
    return true;
  }

  /** A fresh set, of which a broken store may take some out. */
  Set<Capability> capabilities() {
    return EnumSet.copyOf(InMemoryBackend.CAPABILITIES);
  }

  String name() {
    return "Broken | <store>";
  }

  String version() {
    return "1.0";
  }

  int kitVersion() {
    return KitVersion.NEWEST;
  }

  /** The unit of its clock. */
  Duration unit() {
    return Duration.of(1, ChronoUnit.MICROS);
  }

  InMemoryData data(InstantSource clock) {
    return new InMemoryData(clock);
  }

  InMemorySession session(InMemoryData data) {
    return new InMemorySession(data);
  }

  LeaseStore leaseStore(InMemorySession session) {
    return new InMemoryLeaseStore(session);
  }

  JobQueue jobQueue(InMemorySession session) {
    return new InMemoryJobQueue(session);
  }

  Admission admission(InMemorySession session) {
    return new InMemoryAdmission(session);
  }

  JobGraphs jobGraphs(InMemorySession session) {
    return new InMemoryJobGraphs(session);
  }

  JobAdmin jobAdmin(InMemorySession session) {
    return new InMemoryJobAdmin(session);
  }
}
