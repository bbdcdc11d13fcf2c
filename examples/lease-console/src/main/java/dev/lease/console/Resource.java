package dev.lease.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The files that belong to the pages. */
final class Resource {

  private Resource() {}

  static Route.Handler of(String resource, String type) {
    return of(read(resource), type);
  }

  /** A file of uPlot, of whichever version is there. */
  static Route.Handler ofPlot(String name, String type) {
    String about = new String(read("/META-INF/maven/org.webjars.npm/uplot/pom.properties"), UTF_8);
    String version =
        about
            .lines()
            .filter(line -> line.startsWith("version="))
            .map(line -> line.substring("version=".length()).strip())
            .findFirst()
            .orElseThrow();
    return of(read("/META-INF/resources/webjars/uplot/" + version + "/dist/" + name), type);
  }

  private static Route.Handler of(byte[] bytes, String type) {
    return visit -> {
      visit.mayBeKept();
      visit.send(200, type + ";charset=utf-8", bytes);
    };
  }

  private static byte[] read(String resource) {
    try (InputStream in = Resource.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("the console lacks its file " + resource);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
