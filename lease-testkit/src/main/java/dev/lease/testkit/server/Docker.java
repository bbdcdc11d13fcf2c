package dev.lease.testkit.server;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.PullResponseItem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.JdbcDatabaseContainer;
import org.testcontainers.dockerclient.DockerClientProviderStrategy;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.ImageNameSubstitutor;
import org.testcontainers.utility.TestcontainersConfiguration;

/**
 * The container engine of this machine. Testcontainers looks for it too, but it logs errors if
 * there is none, and retries for two minutes if an image cannot be pulled. Here both fail soon,
 * with an exception.
 */
final class Docker {

  private Docker() {}

  /** Pulls the image unless it is already here, and returns its name. */
  static String imageHere(String image) {
    if (!answers()) {
      throw new IllegalStateException("Docker does not answer");
    }
    String name =
        ImageNameSubstitutor.instance().apply(DockerImageName.parse(image)).asCanonicalNameString();
    try (DockerClient client =
        DockerClientProviderStrategy.getClientForConfig(
            DockerClientFactory.instance().getTransportConfig())) {
      try {
        client.inspectImageCmd(name).exec();
      } catch (NotFoundException e) {
        client.pullImageCmd(name).exec(new Pull()).result.orTimeout(5, TimeUnit.MINUTES).join();
        client.inspectImageCmd(name).exec();
      }
    } catch (CompletionException e) {
      throw new IllegalStateException("cannot pull " + name + ": " + e.getCause(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return image;
  }

  private static final class Pull extends ResultCallback.Adapter<PullResponseItem> {

    final CompletableFuture<Void> result = new CompletableFuture<>();

    @Override
    public void onComplete() {
      result.complete(null);
      super.onComplete();
    }

    /** Does not call super, which would log the error. */
    @Override
    public void onError(Throwable e) {
      result.completeExceptionally(e);
    }
  }

  /** Starts a server whose container is removed after this JVM has exited. */
  static String start(JdbcDatabaseContainer<?> container) {
    container.withStartupTimeout(Duration.ofMinutes(2)).start();
    return container
        .withUrlParam("user", container.getUsername())
        .withUrlParam("password", container.getPassword())
        .getJdbcUrl();
  }

  static boolean answers() {
    return hosts().anyMatch(Docker::listens);
  }

  private static Stream<URI> hosts() {
    TestcontainersConfiguration configuration = TestcontainersConfiguration.getInstance();
    String host = configuration.getEnvVarOrUserProperty("tc.host", "");
    if (host.isEmpty()) {
      host = configuration.getEnvVarOrUserProperty("docker.host", "");
    }
    if (!host.isEmpty()) {
      return Stream.of(URI.create(host));
    }
    if (System.getProperty("os.name").startsWith("Windows")) {
      return Stream.of(URI.create("npipe:////./pipe/docker_engine"));
    }
    String home = System.getProperty("user.home");
    return Stream.of(
            "/var/run/docker.sock",
            System.getenv().getOrDefault("XDG_RUNTIME_DIR", "/run") + "/docker.sock",
            home + "/.docker/run/docker.sock",
            home + "/.docker/desktop/docker.sock")
        .map(path -> URI.create("unix://" + path));
  }

  private static boolean listens(URI host) {
    try {
      switch (host.getScheme()) {
        case "unix" -> SocketChannel.open(UnixDomainSocketAddress.of(host.getPath())).close();
        case "tcp", "http", "https" -> {
          try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host.getHost(), host.getPort()), 3_000);
          }
        }
        default -> {} // a Windows pipe, which Testcontainers checks itself
      }
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
