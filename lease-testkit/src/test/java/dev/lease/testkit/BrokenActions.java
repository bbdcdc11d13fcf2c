package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.admin;
import static dev.lease.testkit.BrokenStore.job;
import static dev.lease.testkit.BrokenStore.store;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lease.ActionPage;
import dev.lease.ActionQuery;
import dev.lease.Capability;
import dev.lease.FailedAttempt;
import dev.lease.JobAdmin;
import dev.lease.JobFilter;
import dev.lease.JobPiece;
import dev.lease.Limits;
import dev.lease.Operator;
import dev.lease.OperatorAction;
import dev.lease.OperatorAction.Kind;
import dev.lease.Requeueing;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Records of operators that are missing, wrong or too many, and calls by a filter without care. */
final class BrokenActions {

  static final List<BrokenStore> ALL =
      List.of(
          admin(
              "Q90",
              "a page of acts begins after a number of acts",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    ActionPage actions(
                        InMemoryData data, ActionQuery query, @Nullable Long lastPlace) {
                      int offset = lastPlace == null ? 0 : Math.toIntExact(lastPlace);
                      List<OperatorAction> all =
                          data.actions.descendingMap().values().stream()
                              .filter(
                                  act -> query.queue() == null || query.queue().equals(act.queue()))
                              .filter(
                                  act -> query.jobId() == null || query.jobId().equals(act.id()))
                              .toList();
                      int from = Math.min(offset, all.size());
                      int to = Math.min(from + query.limit(), all.size());
                      return ActionPage.of(
                          all.subList(from, to), to < all.size() ? Integer.toString(to) : null);
                    }
                  }),
          store(
                  "Q88",
                  "a store that records nothing accepts an operator",
                  new Parts() {
                    @Override
                    Set<Capability> capabilities() {
                      Set<Capability> capabilities = super.capabilities();
                      capabilities.remove(Capability.AUDIT);
                      return capabilities;
                    }
                  })
              .alsoFails("Q89", "Q90"),
          records(
                  "Q88",
                  "what an operator does is not recorded",
                  (session, operator) -> new InMemoryJobAdmin(session))
              .alsoFails("Q89", "Q90"),
          records(
              "Q88",
              "a record does not say why",
              (session, operator) ->
                  new InMemoryJobAdmin.Recording(session, Operator.of(operator.name(), ""))),
          records(
              "Q88",
              "each job of a piece has a record of its own",
              (session, operator) ->
                  new InMemoryJobAdmin.Recording(session, operator) {
                    @Override
                    public JobPiece cancel(JobFilter filter, @Nullable String after, int limit) {
                      var each = new InMemoryJobAdmin.Recording(session, operator);
                      return new InMemoryJobAdmin(session) {
                        @Override
                        public Cancellation cancel(String queue, String id) {
                          return each.cancel(queue, id);
                        }
                      }.cancel(filter, after, limit);
                    }
                  }),
          records(
              "Q88",
              "a change is recorded without what it changed",
              (session, operator) ->
                  new InMemoryJobAdmin.Recording(session, operator) {
                    @Override
                    void record(
                        Kind kind, String queue, @Nullable String id, int changed, String what) {
                      super.record(kind, queue, id, changed, kind == Kind.CHANGE ? "" : what);
                    }
                  }),
          records(
              "Q88",
              "a delete is recorded only if its job is still there",
              (session, operator) ->
                  new InMemoryJobAdmin.Recording(session, operator) {
                    @Override
                    public boolean delete(String queue, String id) {
                      Limits.name("queue", queue);
                      Limits.name("job id", id);
                      return session.run(
                          (data, now) ->
                              data.job(queue, id).isPresent()
                                  ? super.delete(queue, id)
                                  : new InMemoryJobAdmin(session).delete(queue, id));
                    }
                  }),
          records(
              "Q89",
              "a cancellation is recorded each time that it is requested",
              (session, operator) ->
                  new InMemoryJobAdmin.Recording(session, operator) {
                    @Override
                    public Cancellation cancel(String queue, String id) {
                      Limits.name("queue", queue);
                      Limits.name("job id", id);
                      return session.run(
                          (data, now) -> {
                            boolean wasRequested =
                                data.job(queue, id)
                                    .filter(job -> job.asOf(now).cancelRequested())
                                    .isPresent();
                            if (wasRequested) {
                              record(Kind.CANCEL, queue, id, 1, "");
                            }
                            return super.cancel(queue, id);
                          });
                    }
                  }),
          records(
              "Q89",
              "a pause of a paused queue is recorded",
              (session, operator) ->
                  new InMemoryJobAdmin.Recording(session, operator) {
                    @Override
                    public void pause(String queue) {
                      new InMemoryJobAdmin(session).pause(queue);
                      record(Kind.PAUSE, queue, null, 1, "");
                    }
                  }),
          admin(
                  "Q90",
                  "the records of a job go with the job",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        ActionPage actions(
                            InMemoryData data, ActionQuery query, @Nullable Long lastPlace) {
                          String id = query.jobId();
                          return id != null
                                  && data.job(Objects.requireNonNull(query.queue()), id).isEmpty()
                              ? ActionPage.of(List.of(), null)
                              : super.actions(data, query, lastPlace);
                        }
                      })
              .alsoFails("Q88"),
          admin(
                  "Q90",
                  "a page of actions comes oldest first",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        public ActionPage actions(ActionQuery query) {
                          ActionPage page = super.actions(query);
                          var reversed = new ArrayList<>(page.actions());
                          Collections.reverse(reversed);
                          return ActionPage.of(reversed, page.next());
                        }
                      })
              .alsoFails("Q88", "Q89"),
          admin(
              "Q90",
              "a purge removes records however young they are",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    int purgeActions(InMemoryData data, String queue, Instant last, int limit) {
                      return super.purgeActions(data, queue, Limits.MAX_DUE, limit);
                    }
                  }),
          admin(
              "Q91",
              "a requeue over a span makes jobs due now",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    public Requeue requeue(String queue, String id, Requeueing how) {
                      return super.requeue(queue, id, Requeueing.now());
                    }
                  }),
          admin(
              "Q91",
              "a requeue over a span makes each job due at the end of the span",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    Requeue requeue(InMemoryData data, Instant now, Instant due, InMemoryJob job) {
                      return super.requeue(
                          data, now, due.isAfter(now) ? now.plus(Duration.ofHours(10)) : due, job);
                    }
                  }),
          admin(
                  "Q92",
                  "a call by a filter deletes one job more than its limit",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        public JobPiece delete(
                            JobFilter filter, @Nullable String after, int limit) {
                          return super.delete(filter, after, Math.min(limit + 1, Limits.MAX_BATCH));
                        }
                      })
              .alsoFails("Q58"),
          attempts(
              "a failed attempt has no token",
              (failed, now) -> FailedAttempt.builder(failed.attempt(), failed.owner(), 0, now)),
          attempts(
              "a failed attempt says that it was claimed when it failed",
              (failed, now) ->
                  FailedAttempt.builder(failed.attempt(), failed.owner(), failed.token(), now)
                      .claimedAt(now.plusSeconds(1))),
          admin(
              "Q91",
              "the place in a span goes by an id that went through Latin-1",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    public Requeue requeue(String queue, String id, Requeueing how) {
                      Limits.name("queue", queue);
                      Limits.name("job id", id);
                      Limits.notNull("how", how);
                      Duration delay = how.delay(new String(id.getBytes(ISO_8859_1), UTF_8));
                      return session.run(
                          (data, now) ->
                              data.job(queue, id)
                                  .map(job -> requeue(data, now, now.plus(delay), job))
                                  .orElse(Requeue.NOT_FOUND));
                    }
                  }),
          admin(
              "Q91",
              "a span is cut to whole seconds",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    public Requeue requeue(String queue, String id, Requeueing how) {
                      return super.requeue(
                          queue,
                          id,
                          Requeueing.spreadOver(
                              Limits.notNull("how", how).span().truncatedTo(ChronoUnit.SECONDS)));
                    }
                  }),
          admin(
              "Q89",
              "the number of a recorded cancellation by a filter has the jobs that were marked"
                  + " before",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    public JobAdmin by(Operator operator) {
                      return new Recording(session, Limits.notNull("operator", operator)) {
                        @Override
                        public JobPiece cancel(
                            JobFilter filter, @Nullable String after, int limit) {
                          return session.run(
                              (data, now) -> {
                                int before = data.actions.size();
                                JobPiece piece = super.cancel(filter, after, limit);
                                if (data.actions.size() == before + 1) {
                                  var last = Objects.requireNonNull(data.actions.lastEntry());
                                  OperatorAction act = last.getValue();
                                  data.actions.put(
                                      last.getKey(),
                                      OperatorAction.builder(
                                              act.at(), act.operator(), act.kind(), act.queue())
                                          .changed(piece.changed())
                                          .what(act.what())
                                          .build());
                                }
                                return piece;
                              });
                        }
                      };
                    }
                  }),
          admin(
              "Q90",
              "a purge of acts looks at the oldest of all queues, as many as its limit",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    int purgeActions(InMemoryData data, String queue, Instant last, int limit) {
                      List<Long> old =
                          data.actions.entrySet().stream()
                              .limit(limit)
                              .filter(action -> queue.equals(action.getValue().queue()))
                              .filter(action -> !action.getValue().at().isAfter(last))
                              .map(Map.Entry::getKey)
                              .toList();
                      old.forEach(data.actions::remove);
                      return old.size();
                    }
                  }),
          admin(
              "Q90",
              "the acts on a job are those on its id in any queue",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    ActionPage actions(
                        InMemoryData data, ActionQuery query, @Nullable Long lastPlace) {
                      String id = query.jobId();
                      if (id == null) {
                        return super.actions(data, query, lastPlace);
                      }
                      List<Map.Entry<Long, OperatorAction>> rest =
                          data.actions.descendingMap().entrySet().stream()
                              .filter(each -> lastPlace == null || each.getKey() < lastPlace)
                              .filter(each -> id.equals(each.getValue().id()))
                              .toList();
                      int size = Math.min(query.limit(), rest.size());
                      return ActionPage.of(
                          rest.subList(0, size).stream().map(Map.Entry::getValue).toList(),
                          size < rest.size() ? Long.toString(rest.get(size - 1).getKey()) : null);
                    }
                  }));

  private BrokenActions() {}

  private static BrokenStore records(
      String clause, String how, BiFunction<InMemorySession, Operator, JobAdmin> broken) {
    return admin(
        clause,
        how,
        session ->
            new InMemoryJobAdmin(session) {
              @Override
              public JobAdmin by(Operator operator) {
                return broken.apply(session, Limits.notNull("operator", operator));
              }
            });
  }

  private static BrokenStore attempts(
      String how, BiFunction<FailedAttempt, Instant, FailedAttempt.Builder> broken) {
    return job(
        "Q93",
        how,
        (input, place, made) ->
            new InMemoryJob(input, place, made) {
              @Override
              void attemptFailed(String error, Instant now) {
                super.attemptFailed(error, now);
                FailedAttempt failed = failedAttempts.removeLast();
                failedAttempts.add(broken.apply(failed, now).error(failed.error()).build());
              }
            });
  }
}
