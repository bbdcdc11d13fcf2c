package dev.lease.worker;

import dev.lease.JobLease;
import dev.lease.Limits;
import dev.lease.Progress;
import dev.lease.StepTransaction;
import dev.lease.worker.codec.CodecContext;
import dev.lease.worker.codec.PayloadCodec;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The context of one attempt, which the handler gets. */
final class AttemptContext implements JobContext {

  private final HeldJob job;
  private final HandlerRegistration<?> handler;
  private final PayloadCodec codec;
  private final IdempotencyKeys keys;
  private final Steps steps;
  private final Parents parents;
  private volatile @Nullable String result;

  AttemptContext(
      HeldJob job,
      HandlerRegistration<?> handler,
      PayloadCodec codec,
      IdempotencyKeys keys,
      Steps steps,
      Parents parents) {
    this.job = job;
    this.handler = handler;
    this.codec = codec;
    this.keys = keys;
    this.steps = steps;
    this.parents = parents;
  }

  @Override
  public String queue() {
    return lease().queue();
  }

  @Override
  public String jobId() {
    return lease().jobId();
  }

  @Override
  public String type() {
    return job.claimed().type();
  }

  @Override
  public @Nullable String key() {
    return job.claimed().key();
  }

  @Override
  public int attempt() {
    return job.claimed().attempt();
  }

  @Override
  public int crashes() {
    return job.claimed().crashes();
  }

  @Override
  public int maxCrashes() {
    return job.claimed().maxCrashes();
  }

  @Override
  public int failures() {
    return job.claimed().failures();
  }

  @Override
  public int maxFailures() {
    return handler.maxFailures(job.claimed());
  }

  @Override
  public Optional<Duration> timeLeft() {
    return job.timeLeft();
  }

  @Override
  public long token() {
    return lease().token();
  }

  @Override
  public Map<String, String> headers() {
    return OwnHeaders.without(job.claimed().headers());
  }

  @Override
  public JobLease lease() {
    return job.lease();
  }

  @Override
  public String idempotencyKey() {
    return keys.of(lease());
  }

  @Override
  public String idempotencyKey(String step) {
    return keys.of(lease(), Limits.name("step", step));
  }

  @Override
  public Stream<ParentJob> parents() {
    return parents.read();
  }

  @Override
  public <T> T step(Step<T> step, Callable<T> work) throws Exception {
    return steps.run(step, work);
  }

  @Override
  public <C, T> T step(
      Step<T> step, StepTransaction<C> transaction, StepTransaction.Work<C, T> work)
      throws Exception {
    return steps.run(step, transaction, work);
  }

  @Override
  public void progress(int percent, String message) {
    job.checkNotLost();
    job.progress().say(Progress.of(percent, message));
  }

  @Override
  public boolean shouldStop() {
    return job.shouldStop();
  }

  @Override
  public void checkActive() {
    job.checkActive();
  }

  @Override
  public void result(Object result) {
    this.result = handler.type().resultText(result, codec, ofCodec());
  }

  @Nullable String result() {
    return result;
  }

  /** What the payload of the job is for its codec. */
  CodecContext ofCodec() {
    return steps.ofCodec();
  }

  /** What this attempt has kept, by the names of the steps. */
  Map<String, String> keptNow() {
    return steps.keptNow();
  }
}
