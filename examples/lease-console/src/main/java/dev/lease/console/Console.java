package dev.lease.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.Limits;
import jakarta.servlet.http.HttpServlet;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A console in a browser, beside any store. It stands alone, or is mounted in a program's own
 * server.
 *
 * <pre>{@code
 * try (Console console = Console.on(backend).port(8391).start()) { .. }   // loopback, no password
 * Console.on(backend).bind("0.0.0.0").allowHost("lease.example.com")
 *     .basic("anna", password, Access.CHANGE).readOnly().start();
 * context.addServlet("lease", Console.on(backend).access(request -> ..).servlet())
 *     .addMapping("/lease/*");
 * }</pre>
 *
 * <p>Safe for use by many threads. The store stays open when the console is closed.
 */
public final class Console implements AutoCloseable {

  private static final int SECRET_BYTES = 32;

  private final JettyServer server;
  private final String url;

  private Console(JettyServer server, String url) {
    this.server = server;
    this.url = url;
  }

  /**
   * Starts a builder of a console.
   *
   * @param backend the store
   * @return the builder
   * @throws UnsupportedOperationException if the store comes without {@link Capability#JOBS} or
   *     {@link Capability#ADMIN}
   */
  public static Builder on(Backend backend) {
    Limits.notNull("backend", backend).jobQueue();
    backend.jobAdmin();
    return new Builder(backend);
  }

  /** {@return where the console is, for a browser on this machine} */
  public String url() {
    return url;
  }

  /** Stops the console. A second close does nothing. */
  @Override
  public void close() {
    server.close();
  }

  /** Builds a {@link Console}; not for use by several threads. */
  public static final class Builder {

    private final Backend backend;
    private final Set<String> hosts = new HashSet<>();
    private String bind = "127.0.0.1";
    private int port;
    private @Nullable Guard guard;
    private @Nullable Passwords passwords;
    private Access most = Access.CHANGE;
    private byte @Nullable [] secret;
    private boolean payloads;
    private @Nullable Redactor redactor;

    private Builder(Backend backend) {
      this.backend = backend;
    }

    /**
     * Sets the port.
     *
     * @param port 0 to 65535; with 0, as by default, the machine chooses one
     * @return this
     */
    public Builder port(int port) {
      this.port = Limits.between("port", port, 0, 65_535);
      return this;
    }

    /**
     * Sets the address to listen on. One that is not loopback needs a guard: {@link #basic}, {@link
     * #forwardedUser} or {@link #access}.
     *
     * @param address an address of this machine, by default 127.0.0.1
     * @return this
     */
    public Builder bind(String address) {
      bind = Limits.notNull("address", address);
      return this;
    }

    /**
     * Adds a name by which browsers may reach the console, beside the addresses that it has. A
     * request for another name is refused with 421.
     *
     * @param host the name, without a port
     * @return this
     * @throws IllegalArgumentException if it is not a name alone
     */
    public Builder allowHost(String host) {
      if (!Limits.name("host", host).matches("[^/:@\\s]+|\\[[0-9A-Fa-f:.]+]")) {
        throw new IllegalArgumentException(
            "host must be a name without a port, such as lease.example.com, was "
                + Limits.oneLine(host));
      }
      hosts.add(host.toLowerCase(Locale.ROOT));
      return this;
    }

    /**
     * Adds a user with a password, asked for by HTTP's Basic scheme. Have TLS in front of it.
     *
     * @param name the name, without a colon: the scheme has the password behind one
     * @param password the password, not empty
     * @param access what the user may do
     * @return this
     */
    public Builder basic(String name, String password, Access access) {
      if (Limits.notNull("password", password).isEmpty()) {
        throw new IllegalArgumentException("password must not be empty");
      }
      if (name.contains(":")) {
        throw new IllegalArgumentException(
            "name must not have a colon, since the password comes after one, was "
                + Limits.oneLine(name));
      }
      Passwords all = passwords == null ? new Passwords(System::nanoTime) : passwords;
      all.add(Viewer.of(name, access).withPayloads(), password);
      passwords = all;
      return guard == all ? this : access(all);
    }

    /**
     * Believes a proxy that names the user in a header. The header of whoever else sends it is
     * dropped.
     *
     * @param header the header, such as X-Forwarded-User
     * @param access what these users may do
     * @param proxies the addresses of the proxies, at least one
     * @return this
     */
    public Builder forwardedUser(String header, Access access, String... proxies) {
      if (proxies.length == 0) {
        throw new IllegalArgumentException("proxies must be at least one address, were none");
      }
      return access(Guards.forwarded(header, access, Set.of(proxies)));
    }

    /**
     * Believes the security of the server in which the servlet is: whom it knows, and who has a
     * role there.
     *
     * @param role the role, such as OPERATOR
     * @param access what these users may do
     * @return this
     */
    public Builder role(String role, Access access) {
      return access(Guards.role(Limits.name("role", role), Limits.notNull("access", access)));
    }

    /**
     * Sets an own guard.
     *
     * @param guard tells who sends a request
     * @return this
     * @throws IllegalStateException if there is a guard: {@link #basic}, {@link #forwardedUser} and
     *     {@link #role} are such
     */
    public Builder access(Guard guard) {
      if (this.guard != null) {
        throw new IllegalStateException(
            "a console has one guard: basic, forwardedUser, role or access; one that asks several"
                + " is set by access");
      }
      this.guard = Limits.notNull("guard", guard);
      return this;
    }

    /**
     * Lets nobody change anything, whatever the guard says.
     *
     * @return this
     */
    public Builder readOnly() {
      most = Access.READ;
      return this;
    }

    /**
     * Shows payloads, results, headers, progress and the values of steps to viewers who {@linkplain
     * Viewer#withPayloads may} see them. By default nobody does.
     *
     * @return this
     */
    public Builder showPayloads() {
      payloads = true;
      return this;
    }

    /**
     * Sets what takes secrets out of errors, and of payloads where they are shown.
     *
     * @param redactor the redactor
     * @return this
     */
    public Builder redactor(Redactor redactor) {
      this.redactor = Limits.notNull("redactor", redactor);
      return this;
    }

    /**
     * Sets the secret by which forms are signed. Two consoles behind one balancer need the same.
     *
     * @param secret at least 16 characters; by default random
     * @return this
     */
    public Builder secret(String secret) {
      if (Limits.notNull("secret", secret).length() < 16) {
        throw new IllegalArgumentException("secret must have at least 16 characters");
      }
      this.secret = secret.getBytes(UTF_8);
      return this;
    }

    /**
     * Makes a servlet to mount in an own server. Map it to a path that ends with {@code /*}.
     *
     * @return the servlet
     * @throws IllegalStateException if there is no guard
     */
    public HttpServlet servlet() {
      if (guard == null) {
        throw new IllegalStateException(
            "a console in a server of your own needs a guard: role, access(request -> ..), basic or"
                + " forwardedUser");
      }
      return new ConsoleServlet(settings(guard));
    }

    /**
     * Starts the console in a server of its own.
     *
     * @return the console
     * @throws IllegalStateException if the address is not loopback and there is no guard
     * @throws java.io.UncheckedIOException if it cannot listen there
     */
    public Console start() {
      if (guard == null && !Guards.isLoopback(bind)) {
        throw new IllegalStateException(
            "whoever reaches "
                + bind
                + " could change all jobs: bind a loopback address, or set basic, forwardedUser or"
                + " access");
      }
      Guard all = guard == null ? Guards.local() : guard;
      JettyServer server = JettyServer.start(bind, port, new ConsoleServlet(settings(all)));
      boolean isWildcard = bind.equals("0.0.0.0") || bind.equals("::");
      String host = isWildcard ? "127.0.0.1" : bind.contains(":") ? "[" + bind + "]" : bind;
      return new Console(server, "http://" + host + ":" + server.port() + "/");
    }

    private Settings settings(Guard all) {
      byte[] key = secret;
      if (key == null) {
        key = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(key);
      }
      return new Settings(
          backend,
          all,
          most,
          Set.copyOf(hosts),
          new SecretKeySpec(key, Token.ALGORITHM),
          payloads,
          redactor);
    }
  }
}
