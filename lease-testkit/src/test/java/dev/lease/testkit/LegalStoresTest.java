package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ActionPage;
import dev.lease.ActionQuery;
import dev.lease.JobAdmin;
import dev.lease.JobOrder;
import dev.lease.JobPage;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.LeasePage;
import dev.lease.LeaseStore;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Operator;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Stores that are odd, and that the contract allows: the kit has nothing against them. */
@Tag("slow")
class LegalStoresTest {

  private static final List<Class<? extends StoreContract>> LEASES = List.of(KitRun.Leases.class);

  private static final List<Class<? extends StoreContract>> JOBS =
      List.of(KitRun.Jobs.class, KitRun.Admins.class);

  private static final int SEQUENCES = 5;

  private static void assertGreen(Parts store, List<Class<? extends StoreContract>> contracts)
      throws Exception {
    Map<String, String> failures = KitRun.failures(store, false, contracts);
    failures.putAll(KitRun.failuresOfRules(store, contracts));
    assertThat(failures).isEmpty();
    (contracts == LEASES ? ModelKind.LEASES : ModelKind.ADMIN).of(store).run(1, SEQUENCES);
  }

  /** As a store whose pages are as large as it can read at once, such as DynamoDB. */
  @Test
  void pagesOfJobsAndActsMayBeShorterThanTheirLimitAndEmpty() throws Exception {
    assertGreen(
        new Parts() {
          @Override
          JobAdmin jobAdmin(InMemorySession session) {
            return new ShortPages(session);
          }
        },
        JOBS);
  }

  @Test
  void pagesOfLeasesMayBeShorterThanTheirLimitAndEmpty() throws Exception {
    assertGreen(
        new Parts() {
          @Override
          LeaseStore leaseStore(InMemorySession session) {
            return new InMemoryLeaseStore(session) {
              @Override
              public LeasePage list(String prefix, @Nullable String after, int limit) {
                return super.list(prefix, after, Math.min(Limits.limit(limit), 1));
              }
            };
          }
        },
        LEASES);
  }

  /** The first page and the last one are empty, and few jobs or one act are on each other one. */
  private static final class ShortPages extends InMemoryJobAdmin {

    private static final Place LOWEST = new Place(-1, -1);
    private static final Place HIGHEST = new Place(Long.MAX_VALUE, Long.MAX_VALUE);

    ShortPages(InMemorySession session) {
      super(session);
    }

    @Override
    public JobAdmin by(Operator operator) {
      return new Recording(session, Limits.notNull("operator", operator)) {
        @Override
        JobPage list(InMemoryData data, Instant now, JobQuery query, @Nullable Place after) {
          return ShortPages.this.list(data, now, query, after);
        }
      };
    }

    @Override
    JobPage list(InMemoryData data, Instant now, JobQuery query, @Nullable Place after) {
      boolean isUpwards = query.order() == JobOrder.OLDEST_FIRST;
      if (after == null) {
        return JobPage.of(List.of(), (isUpwards ? LOWEST : HIGHEST).toString(), 0);
      }
      int few = Math.max(1, data.inOrder(query.filter().queue()).size() / 20);
      JobPage page =
          super.list(data, now, query.examineAtMost(Math.min(few, query.examineAtMost())), after);
      return page.next() != null || page.jobs().isEmpty()
          ? page
          : JobPage.of(page.jobs(), (isUpwards ? HIGHEST : LOWEST).toString(), page.examined());
    }

    @Override
    ActionPage actions(InMemoryData data, ActionQuery query, @Nullable Long lastPlace) {
      if (lastPlace == null) {
        return ActionPage.of(List.of(), Long.toString(Long.MAX_VALUE));
      }
      ActionPage page = super.actions(data, query.limit(1), lastPlace);
      return page.next() != null || page.actions().isEmpty()
          ? page
          : ActionPage.of(page.actions(), "0");
    }
  }

  /** As a store that sweeps, or whose server lets keys expire. */
  @Test
  void jobsMayGoByThemselvesOnceTheirKeepIsOver() throws Exception {
    assertGreen(
        new Parts() {
          @Override
          InMemorySession session(InMemoryData data) {
            return new InMemorySession(data) {
              private Instant swept = Instant.MIN;

              @Override
              <T> T run(BiFunction<InMemoryData, Instant, T> operation) {
                return super.run(
                    (all, now) -> {
                      if (!now.equals(swept)) {
                        swept = now;
                        all.inOrder(null).stream()
                            .filter(job -> job.isKeptNoLonger(now))
                            .forEach(all::remove);
                      }
                      return operation.apply(all, now);
                    });
              }
            };
          }
        },
        JOBS);
  }

  /** As a store that sweeps now and then: the job may still be there, or go in a later call. */
  @Test
  void jobsMayGoByThemselvesLongAfterTheirKeep() throws Exception {
    assertGreen(
        new Parts() {
          @Override
          InMemorySession session(InMemoryData data) {
            return new InMemorySession(data) {
              private int calls;

              @Override
              <T> T run(BiFunction<InMemoryData, Instant, T> operation) {
                return super.run(
                    (all, now) -> {
                      if (++calls % 7 == 0) {
                        all.inOrder(null).stream()
                            .filter(job -> job.isKeptNoLonger(now))
                            .forEach(all::remove);
                      }
                      return operation.apply(all, now);
                    });
              }
            };
          }
        },
        JOBS);
  }

  /** As a store that keeps a list of ids beside its jobs, such as Redis. */
  @Test
  void aJobWithoutAKeepMayGoAtOnceAndItsIdIsRemembered() throws Exception {
    assertGreen(
        new Parts() {
          @Override
          InMemoryData data(InstantSource clock) {
            return new RemembersIds(clock);
          }

          @Override
          InMemorySession session(InMemoryData data) {
            return new InMemorySession(data) {
              @Override
              <T> T run(BiFunction<InMemoryData, Instant, T> operation) {
                return super.run(
                    (all, now) -> {
                      T answer = operation.apply(all, now);
                      ((RemembersIds) all).removeUnkept();
                      return answer;
                    });
              }
            };
          }
        },
        JOBS);
  }

  private static final class RemembersIds extends InMemoryData {

    private final Map<List<String>, Instant> remembered = new HashMap<>();
    private final List<InMemoryJob> unkept = new ArrayList<>();

    RemembersIds(InstantSource clock) {
      super(clock);
    }

    @Override
    InMemoryJob newJob(NewJob input, Instant now) {
      return new InMemoryJob(input, super.newJob(input, now).place(), now) {
        @Override
        void done(@Nullable String result, Instant now) {
          super.done(result, now);
          if (Duration.ZERO.equals(input.keep())) {
            unkept.add(this);
          }
        }
      };
    }

    void removeUnkept() {
      for (InMemoryJob job : unkept) {
        remove(job);
        remembered.put(List.of(job.queue(), job.id()), now().plus(InMemoryJob.KEEP_AT_LEAST));
      }
      unkept.clear();
    }

    @Override
    boolean keepsKey(String queue, String id, Instant now) {
      return super.keepsKey(queue, id, now)
          || now.isBefore(remembered.getOrDefault(List.of(queue, id), Instant.MIN));
    }

    @Override
    void freeKey(String queue, String id) {
      super.freeKey(queue, id);
      remembered.remove(List.of(queue, id));
    }
  }

  @Test
  void theStoreMayRememberIdsForLong() throws Exception {
    assertGreen(
        jobs(
            (input, place, now) ->
                new InMemoryJob(input, place, now) {
                  @Override
                  void finish(JobState state, Duration defaultKeep, Instant now) {
                    super.finish(state, defaultKeep, now);
                    Finish last = Objects.requireNonNull(finish);
                    if (last.keep().compareTo(WINDOW) < 0) {
                      finish = new Finish(state, last.at(), WINDOW);
                    }
                  }
                }),
        JOBS);
  }

  private static final Duration WINDOW = Duration.ofHours(12);

  private static Parts jobs(BrokenStore.JobMaker maker) {
    return BrokenStore.job("", "", maker).parts();
  }

  private static Parts tokensOfASequence() {
    return new Parts() {
      @Override
      InMemoryData data(InstantSource clock) {
        return new InMemoryData(clock) {
          private final Random random = new Random(1);
          private long last;

          @Override
          long nextToken(long previous, Instant now) {
            last += 1 + random.nextInt(1_000);
            return last;
          }

          @Override
          InMemoryJob newJob(NewJob input, Instant now) {
            return new InMemoryJob(input, super.newJob(input, now).place(), now) {
              @Override
              @Nullable Instant claimedAt() {
                return null;
              }
            };
          }
        };
      }
    };
  }

  @Test
  void jobsAndNamesMayHaveTheirTokensFromOneSequenceInStepsOfAnySize() throws Exception {
    assertGreen(tokensOfASequence(), LEASES);
    assertGreen(tokensOfASequence(), JOBS);
  }

  private static Parts milliseconds() {
    return new Parts() {
      @Override
      Duration unit() {
        return Duration.ofMillis(1);
      }

      @Override
      InMemoryData data(InstantSource clock) {
        return new InMemoryData(clock) {
          @Override
          Instant now() {
            return super.now().truncatedTo(ChronoUnit.MILLIS);
          }
        };
      }
    };
  }

  @Test
  void theClockMayHaveMilliseconds() throws Exception {
    assertGreen(milliseconds(), LEASES);
    assertGreen(milliseconds(), JOBS);
  }

  private static Parts behind() {
    return new Parts() {
      @Override
      InMemoryData data(InstantSource clock) {
        return new InMemoryData(clock) {
          @Override
          Instant now() {
            return super.now().minus(Duration.ofDays(400));
          }
        };
      }
    };
  }

  /** As on a server whose clock was never set: the store's clock alone decides. */
  @Test
  void theClockMayBeBehindThatOfTheMachine() throws Exception {
    assertGreen(behind(), LEASES);
    assertGreen(behind(), JOBS);
  }

  /** As a store that is made of parts, or whose key begins with the queue. */
  @Test
  void aListOverAllQueuesMayGoFromQueueToQueue() throws Exception {
    assertGreen(
        new Parts() {
          @Override
          InMemoryData data(InstantSource clock) {
            return new InMemoryData(clock) {
              @Override
              InMemoryJob newJob(NewJob input, Instant now) {
                long place = super.newJob(input, now).place();
                return new InMemoryJob(input, place + ((long) queue(input) << 32), now);
              }

              private int queue(NewJob input) {
                return input.queue().hashCode() & 0xFFFF;
              }
            };
          }
        },
        JOBS);
  }

  @Test
  void hintsMayBeForNothingAndTwice() throws Exception {
    assertGreen(
        new Parts() {
          @Override
          InMemoryData data(InstantSource clock) {
            return new InMemoryData(clock) {
              @Override
              void wake(String queue) {
                queueNames().forEach(super::wake);
                super.wake(queue);
              }
            };
          }
        },
        JOBS);
  }
}
