package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.admin;
import static dev.lease.testkit.BrokenStore.data;
import static dev.lease.testkit.BrokenStore.graphs;
import static dev.lease.testkit.BrokenStore.jobGraphs;
import static dev.lease.testkit.BrokenStore.queue;
import static dev.lease.testkit.BrokenStore.store;

import dev.lease.GraphAnswer;
import dev.lease.GraphPart;
import dev.lease.GraphPiece;
import dev.lease.GraphState;
import dev.lease.Job;
import dev.lease.JobFilter;
import dev.lease.JobGraphs;
import dev.lease.JobPiece;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.OnFailure;
import dev.lease.PartState.Stage;
import dev.lease.Requeueing;
import dev.lease.Settlement;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Jobs of graphs that run too early, twice, never, or although they should not. */
final class BrokenGraphs {

  /** Graphs whose graph objects are broken. */
  private static BrokenStore graph(
      String clause, String how, BiFunction<String, Instant, InMemoryGraph> broken) {
    return graphs(
        clause,
        how,
        jobs ->
            new InMemoryGraphs(jobs) {
              @Override
              InMemoryGraph newGraph(String id, Instant now) {
                return broken.apply(id, now);
              }
            });
  }

  /** Graphs that count wrongly how the jobs of a part have ended. */
  private static BrokenStore counts(
      String clause, String how, BiFunction<InMemoryGraph.Part, InMemoryJob, Boolean> misses) {
    return graphs(
        clause,
        how,
        jobs ->
            new InMemoryGraphs(jobs) {
              @Override
              void count(InMemoryGraph.Part part) {
                super.count(part);
                part.ids.stream()
                    .flatMap(id -> job(id).stream())
                    .filter(job -> misses.apply(part, job))
                    .forEach(job -> part.ended.remove(job.id()));
              }
            });
  }

  private static BrokenStore counts(String clause, String how, JobState missed) {
    return counts(clause, how, (part, job) -> job.state() == missed);
  }

  /** Graphs that a kind of end does not tell that a job has ended. */
  private static BrokenStore untold(
      String clause, String how, Function<InMemoryJob, Boolean> isUntold) {
    return data(
        clause,
        how,
        clock ->
            new InMemoryData(clock) {
              @Override
              List<InMemoryJob> admit(InMemoryJob job, Instant now) {
                return isUntold.apply(job) ? List.of() : super.admit(job, now);
              }

              @Override
              InMemoryGraphs newGraphs(InMemoryGraphs.Jobs jobs) {
                return new InMemoryGraphs(jobs) {
                  @Override
                  void count(InMemoryGraph.Part part) {
                    super.count(part);
                    jobs(part).filter(isUntold::apply).forEach(job -> part.ended.remove(job.id()));
                  }
                };
              }
            });
  }

  static final List<BrokenStore> ALL =
      List.of(
          graph(
                  "Q72",
                  "jobs of a graph run before its last piece is stored",
                  (id, now) ->
                      new InMemoryGraph(id, now) {
                        @Override
                        boolean isReady(Part part) {
                          boolean was = complete;
                          complete = true;
                          boolean ready = super.isReady(part);
                          complete = was;
                          return ready;
                        }
                      })
              .alsoFails("Q78"),
          jobGraphs(
              "Q72",
              "a graph is stored without the job whose id is taken",
              session ->
                  new InMemoryJobGraphs(session) {
                    @Override
                    GraphAnswer add(InMemoryData data, Instant now, GraphPiece piece) {
                      GraphPiece.Builder rest = GraphPiece.builder(piece.queue(), piece.graph());
                      piece.parts().forEach(rest::part);
                      int[] taken = {0};
                      piece
                          .jobs()
                          .forEach(
                              (part, jobs) ->
                                  jobs.forEach(
                                      job -> {
                                        Optional<InMemoryJob> other =
                                            data.job(job.queue(), job.id())
                                                .filter(it -> it.graph == null);
                                        if (other.isPresent()) {
                                          taken[0]++;
                                        } else {
                                          rest.job(part, job);
                                        }
                                      }));
                      if (piece.total() != null) {
                        rest.last(piece.total().parts(), piece.total().jobs() - taken[0]);
                      }
                      return super.add(data, now, rest.build());
                    }
                  }),
          jobGraphs(
              "Q72",
              "a dedup key that is taken is given to a job of a graph too",
              session ->
                  new InMemoryJobGraphs(session) {
                    @Override
                    boolean isTaken(
                        InMemoryData data,
                        Instant now,
                        InMemoryGraph graph,
                        String part,
                        NewJob job) {
                      return super.isTaken(
                          data,
                          now,
                          graph,
                          part,
                          job.toBuilder().dedupFor(null).dedupKey(null).build());
                    }
                  }),
          jobGraphs(
              "Q72",
              "a part that waits for one that is not there is stored",
              session ->
                  new InMemoryJobGraphs(session) {
                    @Override
                    boolean fits(InMemoryGraph graph, GraphPiece piece) {
                      GraphPiece.Builder some = GraphPiece.builder(piece.queue(), piece.graph());
                      piece.parts().forEach(part -> some.part(GraphPart.of(part.name())));
                      piece
                          .jobs()
                          .forEach((part, jobs) -> jobs.forEach(job -> some.job(part, job)));
                      return super.fits(new InMemoryGraph("", Instant.EPOCH), some.build())
                          || super.fits(graph, piece);
                    }
                  }),
          jobGraphs(
              "Q72",
              "the last piece of a graph need not add up",
              session ->
                  new InMemoryJobGraphs(session) {
                    @Override
                    boolean addsUp(InMemoryGraph graph, GraphPiece piece) {
                      return true;
                    }
                  }),
          graphs(
              "Q72",
              "a graph that nobody completes stays for ever",
              jobs ->
                  new InMemoryGraphs(jobs) {
                    @Override
                    int purge(Instant now, int limit) {
                      return 0;
                    }
                  }),
          graphs(
              "Q72",
              "a graph that is complete can be discarded",
              jobs ->
                  new InMemoryGraphs(jobs) {
                    @Override
                    int discard(String id, int limit) {
                      InMemoryGraph graph = graphs.get(id);
                      if (graph != null) {
                        graph.complete = false;
                      }
                      return super.discard(id, limit);
                    }
                  }),
          graph(
                  "Q73",
                  "a part goes when the first of those before it has ended",
                  (id, now) ->
                      new InMemoryGraph(id, now) {
                        @Override
                        boolean isReady(Part part) {
                          return complete
                              && (part.definition.after().isEmpty()
                                  || part.definition.after().keySet().stream()
                                      .anyMatch(before -> part(before).isOver()));
                        }
                      })
              .alsoFails("Q76")
              .seen("#5068"),
          graphs(
                  "Q73",
                  "a part goes when all jobs but one before it have ended",
                  jobs ->
                      new InMemoryGraphs(jobs) {
                        @Override
                        void count(InMemoryGraph.Part part) {
                          super.count(part);
                          if (part.ids.size() > 1 && part.ended.size() == part.ids.size() - 1) {
                            part.ids.forEach(id -> part.ended.putIfAbsent(id, JobState.DONE));
                          }
                        }
                      })
              .alsoFails("Q74", "Q76", "Q77"),
          graph(
              "Q73",
              "a part without jobs never ends",
              (id, now) ->
                  new InMemoryGraph(id, now) {
                    @Override
                    boolean isReady(Part part) {
                      return super.isReady(part)
                          && part.definition.after().keySet().stream()
                              .noneMatch(before -> part(before).ids.isEmpty());
                    }
                  }),
          graphs(
                  "Q73",
                  "a job that is tried again counts as ended",
                  jobs ->
                      new InMemoryGraphs(jobs) {
                        @Override
                        void count(InMemoryGraph.Part part) {
                          super.count(part);
                          jobs(part)
                              .filter(job -> job.state() == JobState.RETRY)
                              .forEach(job -> part.ended.put(job.id(), JobState.DONE));
                        }
                      })
              .seen("#4361"),
          queue(
                  "Q74",
                  "a settlement that is sent again counts again",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        Settlement.Result settle(
                            InMemoryData data, Instant now, Settlement settlement) {
                          Settlement.Result result = super.settle(data, now, settlement);
                          data.job(settlement.lease().queue(), settlement.lease().jobId())
                              .filter(job -> result == Settlement.Result.LOST && job.part != null)
                              .filter(job -> job.token() == settlement.lease().token())
                              .ifPresent(
                                  job -> {
                                    Objects.requireNonNull(job.part)
                                        .ended
                                        .put("again", JobState.DONE);
                                    data.admit(job, now);
                                  });
                          return result;
                        }
                      })
              .seen("#2268"),
          counts(
                  "Q75",
                  "a job that has failed for good lets nothing go, and cancels nothing",
                  JobState.FAILED)
              .alsoFails("Q73", "Q76", "Q77")
              .seen("#3122", "#3362"),
          counts(
                  "Q75",
                  "a job that was cancelled lets nothing go, and cancels nothing",
                  JobState.CANCELLED)
              .alsoFails("Q76", "Q78"),
          untold(
                  "Q75",
                  "a job that has crashed too often lets nothing go",
                  job -> job.state() == JobState.FAILED && job.failures == 0)
              .alsoFails("Q63", "Q94"),
          graph(
                  "Q75",
                  "a part is cancelled also if it is to run after a failure",
                  (id, now) ->
                      new InMemoryGraph(id, now) {
                        @Override
                        Optional<String> spoiler(Part part) {
                          return part.definition.after().entrySet().stream()
                              .filter(edge -> edge.getValue() != OnFailure.IGNORE)
                              .map(java.util.Map.Entry::getKey)
                              .filter(before -> part(before).hasFailed())
                              .findFirst();
                        }
                      })
              .alsoFails("Q76", "Q77"),
          graph(
                  "Q75",
                  "only a job that is FAILED cancels what comes after it, not one that is CANCELLED",
                  (id, now) ->
                      new InMemoryGraph(id, now) {
                        @Override
                        Optional<String> spoiler(Part part) {
                          return super.spoiler(part)
                              .filter(before -> part(before).count(JobState.FAILED) > 0);
                        }
                      })
              .alsoFails("Q76", "Q78"),
          jobGraphs(
              "Q75",
              "a job that is to ignore failures finds those that failed",
              session ->
                  new InMemoryJobGraphs(session) {
                    @Override
                    List<Job> parents(InMemoryData data, Instant now, String queue, String id) {
                      return data.job(queue, id)
                          .filter(job -> job.part != null && job.graph != null)
                          .map(
                              job ->
                                  Objects.requireNonNull(job.part)
                                      .definition
                                      .after()
                                      .keySet()
                                      .stream()
                                      .map(
                                          Objects.requireNonNull(
                                                  data.graphs(queue).graphs.get(job.graph))
                                              ::part)
                                      .flatMap(part -> jobs(data, queue, part, now).stream())
                                      .toList())
                          .orElse(List.of());
                    }
                  }),
          graphs(
              "Q76",
              "what was cancelled stays so when the job that failed is requeued",
              jobs ->
                  new InMemoryGraphs(jobs) {
                    @Override
                    boolean advance(InMemoryGraph graph, InMemoryGraph.Part part, Instant now) {
                      return part.stage != Stage.CANCELLED && super.advance(graph, part, now);
                    }
                  }),
          graphs(
              "Q76",
              "a requeue lets what an operator has cancelled wait again too",
              jobs ->
                  new InMemoryGraphs(jobs) {
                    @Override
                    boolean advance(InMemoryGraph graph, InMemoryGraph.Part part, Instant now) {
                      jobs(part)
                          .filter(job -> job.state() == JobState.CANCELLED && job.attempts == 0)
                          .forEach(job -> job.cancelledForPart = true);
                      if (part.stage == Stage.WAITING) {
                        jobs(part)
                            .filter(job -> job.state() == JobState.CANCELLED)
                            .filter(
                                job ->
                                    part.definition.after().keySet().stream()
                                        .anyMatch(
                                            before ->
                                                graph.part(before).stage == Stage.RUNNING
                                                    && !graph.part(before).isOver()
                                                    && graph.part(before).ids.stream()
                                                        .anyMatch(
                                                            id ->
                                                                job(id)
                                                                    .filter(
                                                                        it ->
                                                                            it.token() > 0
                                                                                && it.attempts == 0)
                                                                    .isPresent())))
                            .forEach(InMemoryJob::waitAgain);
                      }
                      return super.advance(graph, part, now);
                    }
                  }),
          graphs(
              "Q76",
              "a requeue of a job takes those back that have begun",
              jobs ->
                  new InMemoryGraphs(jobs) {
                    @Override
                    boolean advance(InMemoryGraph graph, InMemoryGraph.Part part, Instant now) {
                      if (part.stage == Stage.RUNNING && !graph.isReady(part)) {
                        part.stage = Stage.WAITING;
                        jobs(part)
                            .filter(job -> job.finish == null)
                            .forEach(
                                job -> {
                                  job.hold = null;
                                  job.waits = true;
                                });
                        return true;
                      }
                      return super.advance(graph, part, now);
                    }
                  }),
          admin(
              "Q76",
              "a requeued job does not wait for the parts before it",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    Requeue requeue(InMemoryData data, Instant now, Instant due, InMemoryJob job) {
                      Requeue answer = super.requeue(data, now, due, job);
                      job.waits &= answer != Requeue.REQUEUED;
                      return answer;
                    }
                  }),
          admin(
              "Q76",
              "jobs that a filter requeues do not wait for the parts before them",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    public JobPiece requeue(
                        JobFilter filter, Requeueing how, @Nullable String after, int limit) {
                      JobPiece piece = super.requeue(filter, how, after, limit);
                      return session.run(
                          (data, now) -> {
                            data.inOrder(filter.queue()).forEach(job -> job.waits = false);
                            return piece;
                          });
                    }
                  }),
          graphs(
              "Q76",
              "a requeue tells 100 of the parts behind it, and others go before the rest is told",
              jobs ->
                  new InMemoryGraphs(jobs) {
                    private int left;

                    @Override
                    void resolve(Instant now) {
                      left = 0;
                      super.resolve(now);
                      left = 100;
                      super.resolve(now);
                    }

                    @Override
                    boolean advance(InMemoryGraph graph, InMemoryGraph.Part part, Instant now) {
                      if (part.stage != Stage.CANCELLED) {
                        return super.advance(graph, part, now);
                      }
                      return left > 0 && super.advance(graph, part, now) && left-- > 0;
                    }
                  }),
          graphs(
                  "Q77",
                  "what comes after a job that was deleted waits for ever",
                  jobs ->
                      new InMemoryGraphs(jobs) {
                        @Override
                        void count(InMemoryGraph.Part part) {
                          super.count(part);
                          part.ids.stream()
                              .filter(id -> job(id).isEmpty())
                              .forEach(part.ended::remove);
                        }
                      })
              .seen("#800", "#1752"),
          graphs(
                  "Q77",
                  "jobs are removed before those that wait for them have looked",
                  jobs ->
                      new InMemoryGraphs(jobs) {
                        @Override
                        boolean needs(InMemoryJob job) {
                          return false;
                        }
                      })
              .seen("#722"),
          jobGraphs(
              "Q77",
              "a job finds its parents in the order of their ends",
              session ->
                  new InMemoryJobGraphs(session) {
                    @Override
                    List<Job> parents(InMemoryData data, Instant now, String queue, String id) {
                      return super.parents(data, now, queue, id).stream()
                          .sorted(Comparator.comparing(Job::id))
                          .toList();
                    }
                  }),
          jobGraphs(
                  "Q78",
                  "a piece is added to a graph that has begun",
                  session ->
                      new InMemoryJobGraphs(session) {
                        @Override
                        GraphAnswer add(InMemoryData data, Instant now, GraphPiece piece) {
                          InMemoryGraph graph =
                              data.graphs(piece.queue()).graphs.get(piece.graph());
                          if (graph != null) {
                            graph.complete = false;
                          }
                          return super.add(data, now, piece);
                        }
                      })
              .seen("#3235"),
          store(
                  "Q72",
                  "a piece looks whether its graph is complete, and is stored then",
                  new Gap.Broken() {
                    @Override
                    JobGraphs jobGraphs(InMemorySession session) {
                      return new InMemoryJobGraphs(session) {
                        @Override
                        public GraphAnswer add(GraphPiece piece) {
                          if (find(piece.queue(), piece.graph())
                              .filter(GraphState::complete)
                              .isPresent()) {
                            return GraphAnswer.complete();
                          }
                          gap.pass();
                          return session.run(
                              (data, now) -> {
                                InMemoryGraph graph =
                                    data.graphs(piece.queue()).graphs.get(piece.graph());
                                if (graph != null) {
                                  graph.complete = false;
                                }
                                return add(data, now, piece);
                              });
                        }
                      };
                    }
                  })
              .whereCallsMeet(),
          graphs(
              "Q79",
              "what ends a job lets all go that wait for it, however many",
              jobs ->
                  new InMemoryGraphs(jobs) {
                    @Override
                    int move(InMemoryGraph graph, InMemoryGraph.Part part, int most, Instant now) {
                      return super.move(graph, part, Integer.MAX_VALUE, now);
                    }
                  }),
          graphs(
              "Q79",
              "a thousand jobs are let go, and those behind them never",
              jobs ->
                  new InMemoryGraphs(jobs) {
                    @Override
                    int move(InMemoryGraph graph, InMemoryGraph.Part part, int most, Instant now) {
                      return part.ids.stream()
                              .limit(MOST)
                              .anyMatch(id -> job(id).filter(job -> job.waits).isPresent())
                          ? super.move(graph, part, most, now)
                          : 0;
                    }
                  }));

  private BrokenGraphs() {}
}
