package dev.lease.testkit;

import dev.lease.Admission;
import dev.lease.JobAdmin;
import dev.lease.JobGraphs;
import dev.lease.JobQueue;
import dev.lease.LeaseStore;
import dev.lease.NewJob;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The reference store with one rule broken.
 *
 * @param clause the clause that the store breaks, and that must fail
 * @param how how the store is broken
 * @param parts the store
 * @param seen the numbers of such failures of real systems in the notes from which Lease was
 *     designed, which are not in this repository
 * @param neighbours the other clauses that fail too, since they show the same rule
 * @param isRacy whether only racing calls can show the fault, so that the neighbours may or may not
 *     fail
 */
record BrokenStore(
    String clause,
    String how,
    Parts parts,
    Set<String> seen,
    Set<String> neighbours,
    boolean isRacy) {

  static BrokenStore store(String clause, String how, Parts broken) {
    return new BrokenStore(clause, how, broken, Set.of(), Set.of(), false);
  }

  static BrokenStore leases(
      String clause, String how, Function<InMemorySession, LeaseStore> broken) {
    return store(
        clause,
        how,
        new Parts() {
          @Override
          LeaseStore leaseStore(InMemorySession session) {
            return broken.apply(session);
          }
        });
  }

  static BrokenStore queue(String clause, String how, Function<InMemorySession, JobQueue> broken) {
    return store(
        clause,
        how,
        new Parts() {
          @Override
          JobQueue jobQueue(InMemorySession session) {
            return broken.apply(session);
          }
        });
  }

  static BrokenStore admin(String clause, String how, Function<InMemorySession, JobAdmin> broken) {
    return store(
        clause,
        how,
        new Parts() {
          @Override
          JobAdmin jobAdmin(InMemorySession session) {
            return broken.apply(session);
          }
        });
  }

  static BrokenStore admission(
      String clause, String how, Function<InMemorySession, Admission> broken) {
    return store(
        clause,
        how,
        new Parts() {
          @Override
          Admission admission(InMemorySession session) {
            return broken.apply(session);
          }
        });
  }

  /** Makes the limits of a queue, like the constructor of {@link InMemoryLimits}. */
  static BrokenStore limits(
      String clause,
      String how,
      Function<Supplier<Collection<InMemoryJob>>, InMemoryLimits> broken) {
    return data(
        clause,
        how,
        clock ->
            new InMemoryData(clock) {
              @Override
              InMemoryLimits newLimits(String queue) {
                return broken.apply(() -> jobs(queue));
              }
            });
  }

  static BrokenStore jobGraphs(
      String clause, String how, Function<InMemorySession, JobGraphs> broken) {
    return store(
        clause,
        how,
        new Parts() {
          @Override
          JobGraphs jobGraphs(InMemorySession session) {
            return broken.apply(session);
          }
        });
  }

  /** Makes the graphs of a queue, like the constructor of {@link InMemoryGraphs}. */
  static BrokenStore graphs(
      String clause, String how, Function<InMemoryGraphs.Jobs, InMemoryGraphs> broken) {
    return data(
        clause,
        how,
        clock ->
            new InMemoryData(clock) {
              @Override
              InMemoryGraphs newGraphs(InMemoryGraphs.Jobs jobs) {
                return broken.apply(jobs);
              }
            });
  }

  static BrokenStore data(String clause, String how, Function<InstantSource, InMemoryData> broken) {
    return store(
        clause,
        how,
        new Parts() {
          @Override
          InMemoryData data(InstantSource clock) {
            return broken.apply(clock);
          }
        });
  }

  static BrokenStore session(
      String clause, String how, Function<InMemoryData, InMemorySession> broken) {
    return store(
        clause,
        how,
        new Parts() {
          @Override
          InMemorySession session(InMemoryData data) {
            return broken.apply(data);
          }
        });
  }

  /** Makes a job, like the constructor of {@link InMemoryJob}. */
  interface JobMaker {
    InMemoryJob make(NewJob input, long place, Instant now);
  }

  static BrokenStore job(String clause, String how, JobMaker broken) {
    return data(
        clause,
        how,
        clock ->
            new InMemoryData(clock) {
              @Override
              InMemoryJob newJob(NewJob input, Instant now) {
                return broken.make(input, super.newJob(input, now).place(), now);
              }
            });
  }

  BrokenStore seen(String... pitfalls) {
    return new BrokenStore(clause, how, parts, new TreeSet<>(Set.of(pitfalls)), neighbours, isRacy);
  }

  BrokenStore alsoFails(String... clauses) {
    return new BrokenStore(clause, how, parts, seen, new TreeSet<>(Set.of(clauses)), isRacy);
  }

  BrokenStore whereCallsMeet() {
    return new BrokenStore(clause, how, parts, seen, neighbours, true);
  }

  @Override
  public String toString() {
    return clause + " broken: " + how;
  }
}
