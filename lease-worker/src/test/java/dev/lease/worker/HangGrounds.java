package dev.lease.worker;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Backend;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.redis.RedisBackend;
import dev.lease.redis.RedisConfig;
import dev.lease.testkit.server.RedisCluster;
import dev.lease.testkit.server.RedisProcess;
import dev.lease.testkit.server.TestServers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.UUID;

/** Real stores, and how their calls hang. */
final class HangGrounds {

  static final Duration LEASE = Duration.ofSeconds(6);

  private HangGrounds() {}

  /** Of the worker's stores. Longer than the third of a lease after which health tells. */
  static Duration callTimeout(Duration lease) {
    return lease.multipliedBy(5).dividedBy(12);
  }

  /** A store of the worker, one of the test, and how the first hangs. */
  record Opened(Backend backend, Backend plain, Hang hang, Runnable end)
      implements HangCell.Ground {
    @Override
    public void close() {
      backend.close();
      plain.close();
      end.run();
    }
  }

  static Backend jdbc(String url, Duration callTimeout) {
    return JdbcBackend.open(JdbcConfig.of(url).withCallTimeout(callTimeout));
  }

  static Backend redis(String uri, String prefix, Duration callTimeout) {
    return RedisBackend.open(RedisConfig.of(uri).withPrefix(prefix).withCallTimeout(callTimeout));
  }

  /** A store around which a wrapper makes calls hang. */
  private static Opened wrapped(Backend real, Backend plain, Duration lease) {
    var calls = new HangingCalls(real, callTimeout(lease), lease);
    return new Opened(calls, plain, calls, real::close);
  }

  static Opened wrappedRedis(Duration lease) {
    String prefix = "test-" + UUID.randomUUID();
    return wrapped(
        redis(TestServers.redis(), prefix, callTimeout(lease)),
        redis(TestServers.redis(), prefix, HangCell.PATIENCE),
        lease);
  }

  static Opened wrappedJdbc(String url, Duration lease) {
    return wrapped(jdbc(url, callTimeout(lease)), jdbc(url, HangCell.PATIENCE), lease);
  }

  /** A database whose statements hang by triggers. */
  static Opened triggered(String url, Duration lease) {
    return by(new HangingTriggers(url), url, lease);
  }

  static Opened by(Hang hang, String url, Duration lease) {
    Backend plain = jdbc(url, HangCell.PATIENCE);
    return new Opened(jdbc(url, callTimeout(lease)), plain, hang, () -> {});
  }

  /** A cluster in which the node of queue A can be stopped, which is not that of queue B. */
  static Opened cluster(Duration lease) {
    RedisCluster cluster = RedisCluster.start("--cluster-require-full-coverage", "no");
    Backend plain = redis(cluster.uri(), "test", HangCell.PATIENCE);
    int node = nodeOf(cluster, plain, HangCell.A);
    // Not the first node either, from which the client learns of the others.
    assertThat(node).isNotZero().isNotEqualTo(nodeOf(cluster, plain, HangCell.B));
    return new Opened(
        redis(cluster.uri(), "test", callTimeout(lease)),
        plain,
        stopped(processOf(cluster.nodes().get(node))),
        cluster::close);
  }

  private static int nodeOf(RedisCluster cluster, Backend plain, JobType<String> type) {
    var client = JobClient.of(plain);
    client.enqueue(client.job(type, "probe", "quick").build());
    return cluster.placeOf("*" + type.queue() + "*").node();
  }

  /** A server of its own that can be stopped. */
  static Opened stoppedRedis(Duration lease) {
    RedisProcess server = RedisProcess.start();
    return new Opened(
        redis(server.uri(), "test", callTimeout(lease)),
        redis(server.uri(), "test", HangCell.PATIENCE),
        stopped(processOf(server)),
        server::close);
  }

  /** The server says which process it is, as its command line does not. */
  private static long processOf(RedisProcess server) {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.getOutputStream().write("INFO server\r\nQUIT\r\n".getBytes(US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), US_ASCII);
      return Long.parseLong(answer.replaceFirst("(?s).*process_id:(\\d+).*", "$1"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** A network in front of the server that swallows everything. */
  static Opened swallowed(LeaseStores kind, String address, Duration lease) {
    LeaseStores.Outages outages = kind.outages(address);
    String[] there = outages.address().split("#", 2);
    String[] here = address.split("#", 2);
    Backend backend =
        kind == LeaseStores.REDIS
            ? redis(there[0], there[1], callTimeout(lease))
            : jdbc(there[0], callTimeout(lease));
    Backend plain =
        kind == LeaseStores.REDIS
            ? redis(here[0], here[1], HangCell.PATIENCE)
            : jdbc(here[0], HangCell.PATIENCE);
    return new Opened(
        backend, plain, new HangOfAll(outages::begin, outages::end), () -> close(outages));
  }

  private static void close(LeaseStores.Outages outages) {
    try {
      outages.close();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** All calls hang. */
  static final class HangOfAll implements Hang {

    /** A step of a test. */
    interface Step {
      void take() throws Exception;
    }

    private final Step begin;
    private final Step end;
    private boolean began;

    HangOfAll(Step begin, Step end) {
      this.begin = begin;
      this.end = end;
    }

    @Override
    public void begin(Call call, String name, Fault fault) {
      if (fault != Fault.NONE) {
        take(begin);
        began = true;
      }
    }

    @Override
    public void end() {
      if (began) {
        began = false;
        take(end);
      }
    }

    private static void take(Step step) {
      try {
        step.take();
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public int caught() {
      return began ? 1 : 0;
    }

    @Override
    public void close() {
      end();
    }
  }

  /** A process that stands still. */
  private static Hang stopped(long process) {
    return new HangOfAll(() -> signal(process, "STOP"), () -> signal(process, "CONT"));
  }

  private static void signal(long process, String name) throws IOException, InterruptedException {
    Process kill =
        new ProcessBuilder("kill", "-" + name, Long.toString(process)).inheritIO().start();
    assertThat(kill.waitFor()).isZero();
  }
}
