package dev.lease.examples.proof;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The effects that were made: for each job and step, the tokens of the attempts, in order. */
final class ProofEffects {

  private final Map<String, Map<String, List<Long>>> byJob = new ConcurrentHashMap<>();

  synchronized void add(String job, String step, long token) {
    byJob
        .computeIfAbsent(job, j -> new ConcurrentHashMap<>())
        .computeIfAbsent(step, s -> new ArrayList<>())
        .add(token);
  }

  /** How often an effect of a job was made. */
  synchronized int made(String job, String step) {
    return tokens(job, step).size();
  }

  /** How many effects of a job were never made. */
  synchronized long missing(String job) {
    return ProofWay.STEPS_OF_A_JOB.stream().filter(step -> tokens(job, step).isEmpty()).count();
  }

  /** How many effects of a job were made more than once. */
  synchronized long doubled(String job) {
    return ProofWay.STEPS_OF_A_JOB.stream().filter(step -> tokens(job, step).size() > 1).count();
  }

  /** How many effects of a job were made under a smaller token after a larger one. */
  synchronized long stale(String job) {
    return ProofWay.STEPS_OF_A_JOB.stream().filter(step -> !isSorted(tokens(job, step))).count();
  }

  private List<Long> tokens(String job, String step) {
    return byJob.getOrDefault(job, Map.of()).getOrDefault(step, List.of());
  }

  private static boolean isSorted(List<Long> tokens) {
    return tokens.equals(tokens.stream().sorted().toList());
  }
}
