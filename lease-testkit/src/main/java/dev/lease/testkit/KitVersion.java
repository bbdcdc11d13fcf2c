package dev.lease.testkit;

import java.lang.reflect.Method;
import java.util.stream.Stream;

/** The version of the kit. The first test that is added after a release makes a new version. */
final class KitVersion {

  static final int NEWEST = 3;

  private KitVersion() {}

  /** The version with which a test came. */
  static int of(Method test) {
    return Stream.of(test, test.getDeclaringClass())
        .filter(element -> element.isAnnotationPresent(Since.class))
        .mapToInt(element -> element.getAnnotation(Since.class).value())
        .max()
        .orElse(1);
  }

  static void check(int version) {
    if (version < 1 || version > NEWEST) {
      throw new IllegalArgumentException(
          "kitVersion() must be 1 to " + NEWEST + ", the newest that this kit has, was " + version);
    }
  }
}
