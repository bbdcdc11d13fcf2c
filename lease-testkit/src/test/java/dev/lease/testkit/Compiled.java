package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/** Source text that the kit printed, compiled against the class path of the tests. */
final class Compiled {

  private Compiled() {}

  /** Compiles one class, which has no package, and loads it. */
  static Class<?> in(Path folder, String name, String source) throws Exception {
    Path file = Files.writeString(folder.resolve(name + ".java"), source);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    var messages = new StringWriter();
    try (var files = compiler.getStandardFileManager(null, null, null)) {
      boolean done =
          compiler
              .getTask(
                  messages,
                  files,
                  null,
                  List.of(
                      "-proc:none",
                      "-encoding",
                      "UTF-8",
                      "-d",
                      folder.toString(),
                      "-cp",
                      classPath()),
                  null,
                  files.getJavaFileObjects(file))
              .call();
      assertThat(done).as("%s in%n%s", messages, source).isTrue();
    }
    return loader(folder).loadClass(name);
  }

  /** Surefire may hide the class path behind a jar that names it. */
  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  private static ClassLoader loader(Path folder) throws IOException {
    return new URLClassLoader(new URL[] {folder.toUri().toURL()}, Compiled.class.getClassLoader());
  }
}
