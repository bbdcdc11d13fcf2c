package dev.lease.console;

import dev.lease.console.live.Names;
import dev.lease.console.live.Watch;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;

/** All that the console answers: the one table of paths and of the access that each needs. */
final class Routes implements AutoCloseable {

  private final List<Route> all;
  private final Bulk bulk = new Bulk();

  Routes(Settings settings) {
    var store = new Store(settings);
    var names = new Names();
    var jobs = new JobsHandler(store, names);
    var job = new JobHandler(store);
    var acts = new ActHandler(store);
    var watch = new Watch(store.backend(), store.redactor(), names);
    var overview = new Overview(store, watch);
    var queue = new QueueHandler(store, watch);
    var schedules = new ScheduleHandler(store);
    var lists = new ListsHandler(store);
    var graphs = new GraphHandler(store);
    var many = new BulkHandler(store, bulk);
    all =
        List.of(
            Route.get("/", overview::show),
            Route.get("/workers", overview::workers),
            Route.get("/bulk", many::preview),
            Route.post("/bulk/start", "act counted spread " + Filters.FIELDS, many::start),
            Route.get("/bulk/run", many::show).withoutStore(),
            Route.post("/bulk/stop", "number", many::stop).withoutStore(),
            Route.get("/queue", queue::show),
            Route.post("/queue/pause", "queue", queue::pause),
            Route.post("/queue/resume", "queue", queue::resume),
            Route.get("/schedules", schedules::show),
            Route.post("/schedule/run-now", "queue name run", schedules::runNow),
            Route.post("/schedule/pause", "queue name", schedules::pause),
            Route.post("/schedule/resume", "queue name", schedules::resume),
            Route.get("/leases", lists::leases),
            Route.get("/actions", lists::actions),
            Route.get("/jobs", jobs::show),
            Route.get("/job", job::show),
            Route.get("/graph", graphs::show),
            Route.get("/graph/part", graphs::part),
            Route.post("/job/retry", "queue id", acts::retry),
            Route.post("/job/run-now", "queue id", acts::runNow),
            Route.post(
                "/job/change", "queue id due notAfter priority failures crashes", acts::change),
            Route.post("/job/cancel", "queue id", acts::cancel),
            Route.post("/job/delete", "queue id", acts::delete),
            Route.get("/console.css", Resource.of("console.css", "text/css")).withoutStore(),
            Route.get("/console.js", Resource.of("console.js", "text/javascript")).withoutStore(),
            Route.get("/uplot.css", Resource.ofPlot("uPlot.min.css", "text/css")).withoutStore(),
            Route.get("/uplot.js", Resource.ofPlot("uPlot.iife.min.js", "text/javascript"))
                .withoutStore());
  }

  @Override
  public void close() {
    bulk.close();
  }

  List<Route> all() {
    return all;
  }

  /**
   * Finds the route of a request.
   *
   * @throws Refusal if there is none
   */
  Route of(String method, String path, HttpServletResponse response) {
    List<Route> routes = all.stream().filter(route -> route.path().equals(path)).toList();
    if (routes.isEmpty()) {
      throw new Refusal(404, "There is no such page.");
    }
    String asked = method.equals("HEAD") ? "GET" : method;
    return routes.stream()
        .filter(route -> route.method().equals(asked))
        .findFirst()
        .orElseThrow(
            () -> {
              response.setHeader("Allow", routes.get(0).method());
              return new Refusal(405, "This page takes " + routes.get(0).method() + " only.");
            });
  }
}
