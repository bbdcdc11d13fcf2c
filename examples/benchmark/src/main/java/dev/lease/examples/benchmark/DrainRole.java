package dev.lease.examples.benchmark;

/** A worker that runs the jobs of a full queue, from its start until the last job has run. */
final class DrainRole {

  private DrainRole() {}

  static void play(JavaPeer peer, Target target, Lines lines) throws Exception {
    Settings settings = target.settings();
    int warm = settings.number("warm", 0);
    int jobs = settings.number("jobs", 0);
    DrainRecord record =
        new DrainRecord(
            warm,
            jobs,
            settings.number("ids", warm + jobs),
            settings.number("sleep", 0),
            () -> lines.say("WARM"));
    try (Subject subject = peer.jobs(target)) {
      subject.prepareWorker(record);
      lines.tick(record::ran);
      lines.ready();
      subject.startWorker();
      record.await(settings.number("cap", 120));
      lines.done(record.result());
      if (settings.has("halt")) {
        lines.closed();
        Runtime.getRuntime().halt(0);
      }
    }
    lines.closed();
  }
}
