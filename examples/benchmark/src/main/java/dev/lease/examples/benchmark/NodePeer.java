package dev.lease.examples.benchmark;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** A peer for Node. npm installs it beside the program when it is first asked for. */
record NodePeer(String name) implements Peer {

  static final List<String> NAMES = List.of("graphile-worker", "pg-boss", "bullmq");

  private static final List<String> SOURCES = List.of("bench.mjs", "peers.mjs", "records.mjs");

  /** Where it is installed; "run" sets it to a folder that a clean build deletes. */
  private static final Path HOME =
      Path.of(
          System.getProperty(
              "benchmark.home", System.getProperty("java.io.tmpdir") + "/lease-benchmark"),
          "node");

  private static final Path NODE = HOME.resolve("node_modules/node/bin/node");

  @Override
  public void install(Progress progress) throws IOException, InterruptedException {
    Files.createDirectories(HOME);
    for (String source : SOURCES) {
      Files.writeString(HOME.resolve(source), resource(source));
    }
    Path manifest = HOME.resolve("package.json");
    String wanted = resource("package.json");
    if (Files.isExecutable(NODE)
        && Files.exists(manifest)
        && Files.readString(manifest).equals(wanted)) {
      return;
    }
    progress.now("npm install, of " + String.join(", ", NAMES));
    Files.writeString(manifest, wanted);
    Path log = HOME.resolve("npm.log");
    Process npm =
        new ProcessBuilder("npm", "install", "--no-audit", "--no-fund")
            .directory(HOME.toFile())
            .redirectErrorStream(true)
            .redirectOutput(Redirect.to(log.toFile()))
            .start();
    if (npm.waitFor() != 0) {
      Files.delete(manifest);
      throw new IOException("npm install failed, see " + log);
    }
  }

  @Override
  public List<String> command(List<String> jvm) {
    return List.of(NODE.toString(), "--no-warnings", HOME.resolve("bench.mjs").toString(), name);
  }

  private static String resource(String file) throws IOException {
    try (InputStream in = NodePeer.class.getResourceAsStream("node/" + file)) {
      return new String(Objects.requireNonNull(in, file).readAllBytes(), UTF_8);
    }
  }
}
