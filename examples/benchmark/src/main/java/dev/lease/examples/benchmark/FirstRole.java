package dev.lease.examples.benchmark;

import java.util.concurrent.CountDownLatch;

/** The first job of a fresh JVM: everything that a program does until its first job has run. */
final class FirstRole {

  private FirstRole() {}

  static void play(JavaPeer peer, Target target, Lines lines) throws Exception {
    CountDownLatch ran = new CountDownLatch(1);
    try (Subject subject = peer.jobs(target)) {
      subject.openClient();
      subject.prepareWorker((id, stamp) -> ran.countDown());
      subject.startWorker();
      subject.enqueue(0, 0);
      ran.await();
      lines.say("DONE {}");
      lines.closed();
    }
  }
}
