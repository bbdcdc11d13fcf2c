package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/**
 * Fails a class that skips other tests than the given ones. Tests for which the machine is too slow
 * may be skipped too, since that is not the kit's fault, and those that say what is not tested. But
 * they may be at most a quarter of all, or the class proves nothing.
 */
final class SkipsOnly implements TestWatcher, AfterAllCallback {

  private final Set<String> allowed;
  private final Set<String> run = ConcurrentHashMap.newKeySet();
  private final Map<String, String> skipped = new ConcurrentSkipListMap<>();
  private final Map<String, String> tooSlow = new ConcurrentSkipListMap<>();

  SkipsOnly(String... allowed) {
    this.allowed = Set.of(allowed);
  }

  @Override
  public void testSuccessful(ExtensionContext test) {
    run.add(test.getDisplayName());
  }

  @Override
  public void testFailed(ExtensionContext test, Throwable cause) {
    run.add(test.getDisplayName());
  }

  @Override
  public void testAborted(ExtensionContext test, Throwable cause) {
    String reason = String.valueOf(cause.getMessage());
    (reason.contains("too slow") ? tooSlow : skipped).put(test.getDisplayName(), reason);
  }

  @Override
  public void testDisabled(ExtensionContext test, Optional<String> reason) {
    if (test.getDisplayName().contains(" untested")) {
      return;
    }
    skipped.put(test.getDisplayName(), reason.orElse("disabled"));
  }

  @Override
  public void afterAll(ExtensionContext context) {
    // Perhaps only a few tests of the class were selected.
    Set<String> expected = new TreeSet<>(allowed);
    expected.removeIf(test -> !run.contains(test) && !skipped.containsKey(test));
    assertThat(skipped.keySet())
        .as("the tests that were skipped, of %s in all: %s", run.size() + skipped.size(), skipped)
        .isEqualTo(expected);
    int all = run.size() + skipped.size() + tooSlow.size();
    assertThat(tooSlow.size())
        .as("the tests for which the machine was too slow, of %s in all: %s", all, tooSlow)
        .isLessThanOrEqualTo(all / 4);
  }
}
