package dev.lease.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lease.StoreException;
import dev.lease.console.pages.Pages;
import dev.lease.examples.shared.Failure;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.Serial;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The console. */
final class ConsoleServlet extends HttpServlet {

  @Serial private static final long serialVersionUID = 1L;

  private static final Logger LOG = LoggerFactory.getLogger(ConsoleServlet.class);

  private final transient Gate gate;
  private final transient Routes routes;
  private final transient Calls calls;

  ConsoleServlet(Settings settings) {
    gate = new Gate(settings);
    routes = new Routes(settings);
    calls = new Calls(settings.backend().longestCall());
  }

  @Override
  public void destroy() {
    routes.close();
    calls.close();
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Gate.HEADERS.forEach(response::setHeader);
    try {
      serve(request, response);
    } catch (Refusal e) {
      refuse(response, e.status(), e.words());
    } catch (IllegalArgumentException e) {
      refuse(response, 400, Failure.inWords(e));
    } catch (UnsupportedOperationException e) {
      refuse(response, 501, Failure.inWords(e));
    } catch (StoreException e) {
      LOG.warn("The store did not answer the console: {}", Failure.inWords(e));
      refuse(response, 503, "The store did not answer. Load the page again.");
    } catch (RuntimeException e) {
      LOG.error("The console could not answer", e);
      refuse(response, 500, "The console could not answer. Its log says why.");
    }
  }

  private void serve(HttpServletRequest request, HttpServletResponse response) throws IOException {
    gate.checkHost(request);
    Viewer viewer = gate.viewer(request, response);
    String path = request.getPathInfo() == null ? "/" : request.getPathInfo();
    Route route = routes.of(request.getMethod(), path, response);
    gate.checkAccess(viewer, route);
    if (route.access() == Access.CHANGE) {
      gate.checkOrigin(request);
    }
    // This reads the body, which may come slowly: only of somebody who may send one here.
    checkReadable(request);
    if (route.access() == Access.CHANGE) {
      gate.checkToken(request, viewer);
      gate.checkFields(request, route);
    }
    Visit visit = new Visit(request, viewer, gate.token(viewer));
    if (route.isOfStore()) {
      calls.answer(route, visit);
    } else {
      route.answer(visit);
    }
    visit.write(response);
  }

  private static void checkReadable(HttpServletRequest request) throws IOException {
    request.setCharacterEncoding("UTF-8");
    try {
      request.getParameterMap();
    } catch (RuntimeException e) {
      throw new Refusal(400, "The parameters cannot be read.");
    }
  }

  private static void refuse(HttpServletResponse response, int status, String words)
      throws IOException {
    byte[] page = Pages.render("refusal", Map.of("words", words)).getBytes(UTF_8);
    response.setStatus(status);
    response.setContentType("text/html;charset=utf-8");
    response.setContentLength(page.length);
    response.getOutputStream().write(page);
  }
}
