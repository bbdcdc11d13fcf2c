package dev.lease.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Backend;
import dev.lease.BackendView;
import dev.lease.Capability;
import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.FinishedJob;
import dev.lease.JobQueue;
import dev.lease.SettledAndClaimed;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;

/**
 * Claims again while a claim is partial, as a worker does, and makes one answer of that: the tests
 * then see what a claim gives that has searched all of the queue [Q11]. If so many claims as a
 * search may have are not enough, the answer is partial.
 */
final class WholeClaims {

  private WholeClaims() {}

  static Backend of(Backend real) {
    return real.capabilities().contains(Capability.JOBS)
        ? BackendView.of(real).withJobQueue(of(real.jobQueue()))
        : real;
  }

  private static JobQueue of(JobQueue real) {
    return (JobQueue)
        Proxy.newProxyInstance(
            JobQueue.class.getClassLoader(),
            new Class<?>[] {JobQueue.class},
            (proxy, method, arguments) -> {
              try {
                Object answer = method.invoke(real, arguments);
                if (answer instanceof Claim claim && claim.partial()) {
                  return whole(real, (ClaimRequest) arguments[0], claim);
                }
                if (answer instanceof SettledAndClaimed turn && turn.claim().partial()) {
                  Claim claim = whole(real, (ClaimRequest) arguments[1], turn.claim());
                  return SettledAndClaimed.of(turn.settled(), claim);
                }
                return answer;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static Claim whole(JobQueue queue, ClaimRequest request, Claim first) {
    List<ClaimedJob> jobs = new ArrayList<>(first.jobs());
    List<FinishedJob> finished = new ArrayList<>(first.finished());
    Claim last = first;
    for (int claims = 1; last.partial() && claims < Claim.MAX_PARTS; claims++) {
      assertThat(jobs)
          .as("jobs of a partial claim; its limit is %d", request.limit())
          .hasSizeLessThan(request.limit());
      int bytes = jobs.stream().mapToInt(job -> job.payload().getBytes(UTF_8).length).sum();
      if (bytes >= request.maxBytes()) {
        return Claim.of(jobs, finished, true);
      }
      last =
          queue.claim(
              ClaimRequest.of(
                      request.queue(),
                      request.owner(),
                      request.limit() - jobs.size(),
                      request.leaseDuration())
                  .withMaxBytes(request.maxBytes() - bytes));
      jobs.addAll(last.jobs());
      finished.addAll(last.finished());
    }
    Claim all = Claim.of(jobs, finished, last.more());
    return last.partial() ? all.asPartial() : all;
  }
}
