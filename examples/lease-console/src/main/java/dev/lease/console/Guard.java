package dev.lease.console;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Decides who sends a request. Asked before anything else is looked at, by many threads. */
@FunctionalInterface
public interface Guard {

  /**
   * Tells who sends a request.
   *
   * @param request the request; only read it
   * @return the viewer; empty if it is nobody whom the guard knows, who is refused
   */
  Optional<Viewer> viewer(HttpServletRequest request);

  /**
   * {@return what a browser is told, so that it asks for a name and a password: the value of the
   * header WWW-Authenticate; null, as by default, if it is told nothing}
   */
  default @Nullable String challenge() {
    return null;
  }
}
