package dev.lease.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The files that belong to the pages. */
final class Resource {

  private Resource() {}

  static Route.Handler of(String resource, String type) {
    byte[] bytes = read(resource);
    return visit -> {
      visit.response().setHeader("Cache-Control", "max-age=300");
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
