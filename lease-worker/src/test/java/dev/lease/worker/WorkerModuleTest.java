package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.inject.AbstractModule;
import com.google.inject.Guice;
import com.google.inject.Inject;
import com.google.inject.Injector;
import com.google.inject.Module;
import com.google.inject.Singleton;
import com.google.inject.Stage;
import com.google.inject.multibindings.Multibinder;
import dev.lease.Backend;
import dev.lease.ClaimRequest;
import dev.lease.JobAdmin;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.worker.codec.JacksonCodec;
import dev.lease.worker.codec.PayloadCodec;
import dev.lease.worker.guice.JobHandlerBinder;
import dev.lease.worker.guice.WorkerModule;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

class WorkerModuleTest extends WorkerFixture {

  record Sum(int firstPart, int secondPart) {}

  private static final JobType<Sum> SUM = JobType.of("sums", "sum", Sum.class);

  private static final JobType.Returning<Sum, Integer> RETURNING =
      JobType.of("returned", "sum", Sum.class).returning(Integer.class);

  @Singleton
  static final class Calculator {
    @Inject
    Calculator() {}

    int add(Sum sum) {
      return sum.firstPart() + sum.secondPart();
    }
  }

  static final class SumHandler implements JobHandler<Sum> {
    private final Calculator calculator;

    @Inject
    SumHandler(Calculator calculator) {
      this.calculator = calculator;
    }

    @Override
    public void handle(Sum payload, JobContext context) {
      context.result(calculator.add(payload));
    }
  }

  private Module application() {
    return new AbstractModule() {
      @Override
      protected void configure() {
        bind(Calculator.class);
        JobHandlerBinder.newBinder(binder()).bind(SUM, SumHandler.class);
        install(
            new AbstractModule() {
              @Override
              protected void configure() {
                JobHandlerBinder.newBinder(binder())
                    .bind(
                        TEXT,
                        (payload, context) -> context.result(payload),
                        HandlerOptions.of(patient()));
              }
            });
      }
    };
  }

  private Injector injector(Module... more) {
    WorkerModule lease = new WorkerModule(config().purgeInterval(Duration.ofMillis(100)).build());
    return injector(lease, more);
  }

  private Injector injector(WorkerModule lease, Module... more) {
    return Guice.createInjector(
        Stage.PRODUCTION,
        Store.STRICT,
        application(),
        lease,
        binder -> {
          for (Module module : more) {
            binder.install(module);
          }
        });
  }

  private Module queue() {
    return binder -> binder.bind(Backend.class).toInstance(Parts.of(jobs));
  }

  @Test
  void theWorkerHasTheHandlersOfAllModules() {
    Injector injector =
        injector(
            queue(),
            binder ->
                Multibinder.newSetBinder(binder, Schedule.class)
                    .addBinding()
                    .toInstance(Schedule.every("tick", TEXT, "text", FAR)));
    JobClient bound = injector.getInstance(JobClient.class);
    assertThat(injector.getInstance(Worker.class)).isSameAs(injector.getInstance(Worker.class));
    assertThat(threadsOfWorkers()).as("nothing runs before the start").isEmpty();
    started(injector.getInstance(Worker.class));

    String sum = bound.enqueue(SUM, new Sum(1, 2)).id();
    enqueue("text");
    awaitState("text", JobState.DONE);
    eventually(() -> "3".equals(jobs.find("sums", sum).orElseThrow().result()));
    eventually(() -> jobs.find("texts", "schedule:tick").isPresent());
  }

  @Test
  void aCodecIsTakenWhereOneIsBound() {
    JsonMapper snake =
        JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();
    Injector injector =
        injector(
            binder -> {
              binder.bind(Backend.class).toInstance(Parts.of(jobs, admin));
              binder.bind(PayloadCodec.class).toInstance(JacksonCodec.of(snake));
            });
    JobClient bound = injector.getInstance(JobClient.class);
    leftByADeadWorker(bound, jobs, admin);
    started(injector.getInstance(Worker.class));

    assertThat(bound.job(SUM, new Sum(1, 2)).build().payload()).contains("first_part");
    eventually(() -> jobs.find("sums", "sum").orElseThrow().state() == JobState.FAILED);
  }

  @Test
  void aTestRunsTheHandlersOfAllModules() {
    Injector injector = injector(queue());
    TestWorker worker = TestWorker.of(injector.getInstance(Worker.Builder.class));

    assertThat(worker.run(SUM, new Sum(1, 2)).result(Integer.class)).contains(3);
    assertThat(worker.run(TEXT, "text").result(String.class)).contains("text");
  }

  static final class SumReturned implements TypedJobHandler.Returning<Sum, Integer> {

    @Inject
    SumReturned() {}

    @Override
    public JobType.Returning<Sum, Integer> type() {
      return RETURNING.in("typed");
    }

    @Override
    public Integer call(Sum sum, JobContext context) {
      return sum.firstPart() + sum.secondPart();
    }
  }

  @Test
  void aHandlerMayReturnTheResultOfItsType() {
    Injector injector =
        injector(
            queue(),
            binder ->
                JobHandlerBinder.newBinder(binder)
                    .bind(RETURNING, SumReturned.class)
                    .bind(SumReturned.class)
                    .bind(RETURNING.in("lambda"), (sum, context) -> sum.firstPart()));
    TestWorker worker = TestWorker.of(injector.getInstance(Worker.Builder.class));

    assertThat(worker.run(RETURNING, new Sum(1, 2)).result(Integer.class)).contains(3);
    assertThat(worker.run(RETURNING.in("typed"), new Sum(1, 2)).result(Integer.class)).contains(3);
    assertThat(worker.run(RETURNING.in("lambda"), new Sum(1, 2)).result(Integer.class)).contains(1);
  }

  @Test
  void aModuleSetsWhatTheBuildersHaveAndTheClientIsIntercepted() {
    Injector injector =
        injector(
            new WorkerModule(config().build())
                .withWorker(worker -> worker.defaults(HandlerOptions.of(patient())))
                .withWorker(worker -> worker.handle(RETURNING, (sum, context) -> 7))
                .withClient(JobClient.Builder::finishHints),
            queue(),
            binder ->
                Multibinder.newSetBinder(binder, ClientInterceptor.class)
                    .addBinding()
                    .toInstance(
                        (batch, call) ->
                            call.enqueue(
                                batch.stream()
                                    .map(job -> job.toBuilder().headers(Map.of("by", "me")).build())
                                    .toList())));
    JobClient bound = injector.getInstance(JobClient.class);
    String id = bound.enqueue(TEXT, "text").id();
    assertThat(jobs.find(TEXT.queue(), id).orElseThrow().headers())
        .containsEntry("by", "me")
        .containsKey("lease-finish-hint");
    TestWorker worker = TestWorker.of(injector.getInstance(Worker.Builder.class));
    assertThat(worker.run(RETURNING, new Sum(1, 2)).result(Integer.class)).contains(7);
  }

  /** A job that a reset ends, and that no claim can meet. */
  private static void leftByADeadWorker(JobClient client, JobQueue jobs, JobAdmin admin) {
    client.enqueue(client.job(SUM.withMaxCrashes(1), "sum", new Sum(1, 2)).build());
    var claim = jobs.claim(ClaimRequest.of("sums", "dead", 1, Duration.ofMillis(1)));
    assertThat(claim.jobs()).hasSize(1);
    admin.pause("sums");
  }

  @Test
  void ofItsStoreAProgramNamesTheModuleAlone() {
    Injector injector = injector(module);
    try (var own = injector.getInstance(Backend.class)) {
      JobClient bound = injector.getInstance(JobClient.class);
      leftByADeadWorker(bound, own.jobQueue(), own.jobAdmin());
      Worker worker = started(injector.getInstance(Worker.class));
      bound.enqueue(bound.job(TEXT, "text", "text").build());

      assertThat(awaitState("text", JobState.DONE).result()).isEqualTo("\"text\"");
      eventually(() -> jobs.find("sums", "sum").orElseThrow().state() == JobState.FAILED);
      assertThat(own.jobQueue()).isSameAs(injector.getInstance(JobQueue.class));
      assertThat(worker.status().failed()).isZero();
      worker.close();
    }
  }
}
