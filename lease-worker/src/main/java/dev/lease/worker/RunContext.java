package dev.lease.worker;

import dev.lease.JobLease;
import dev.lease.LeaseLostException;
import dev.lease.Limits;
import dev.lease.Progress;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** The attempt as its handler sees it. */
final class RunContext implements JobContext {

  private final Hold hold;
  private final JsonMapper mapper;
  private final String keyPrefix;
  private volatile @Nullable String result;

  RunContext(Hold hold, JsonMapper mapper, String keyPrefix) {
    this.hold = hold;
    this.mapper = mapper;
    this.keyPrefix = keyPrefix;
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
    return hold.job().type();
  }

  @Override
  public int attempt() {
    return hold.job().attempt();
  }

  @Override
  public int maxAttempts() {
    return hold.job().maxAttempts();
  }

  @Override
  public long token() {
    return lease().token();
  }

  @Override
  public Map<String, String> headers() {
    return hold.job().headers();
  }

  @Override
  public JobLease lease() {
    return hold.lease();
  }

  @Override
  public String idempotencyKey() {
    return IdempotencyKeys.of(keyPrefix, queue(), jobId());
  }

  @Override
  public String idempotencyKey(String step) {
    return IdempotencyKeys.of(keyPrefix, queue(), jobId(), Limits.name("step", step));
  }

  @Override
  public void progress(int percent, String message) {
    throwIfLost();
    hold.progress().say(new Progress(percent, message));
  }

  @Override
  public boolean isCancelled() {
    return hold.isCalledOff();
  }

  @Override
  public void checkHeld() {
    throwIfLost();
    if (hold.isCalledOff()) {
      throw new CancellationException(hold + whyCalledOff());
    }
  }

  private String whyCalledOff() {
    if (hold.isOverdue()) {
      return " runs longer than " + hold.maxRunTime() + ", the maximum of its type";
    }
    return hold.isCancelled() ? " is to be cancelled" : " outlasted the worker's grace";
  }

  private void throwIfLost() {
    if (hold.isLost()) {
      throw new LeaseLostException("the lease of " + hold + " is lost");
    }
  }

  @Override
  public void result(Object result) {
    this.result = Limits.text("result", mapper.writeValueAsString(result));
  }

  @Nullable String result() {
    return result;
  }
}
