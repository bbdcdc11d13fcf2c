package dev.lease.worker;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another JVM, with the class path of this one. */
final class ChildJvm {

  private ChildJvm() {}

  /** Prepares a JVM. Its command has the program first, so that options can be added behind it. */
  static ProcessBuilder of(Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command);
  }
}
