package dev.lease.console.spring;

import dev.lease.console.Guard;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties of the console.
 *
 * @param path Where the console is in the application, such as /lease. Without it there is none.
 * @param role The role of those who may see the console, such as OPERATOR. A bean of type {@link
 *     Guard} takes its place.
 * @param readOnly Whether the console lets nobody change anything.
 * @param payloads Whether the console shows payloads, results, headers, progress and the values of
 *     steps.
 * @param hosts The names by which browsers reach the application, without ports. It is always known
 *     as localhost and by its own addresses.
 * @param secret What signs the forms, at least 16 characters. Instances behind one balancer need
 *     the same. Default is random.
 */
@ConfigurationProperties(prefix = "lease.console", ignoreUnknownFields = false)
record LeaseConsoleProperties(
    @Nullable String path,
    @Nullable String role,
    @DefaultValue("false") boolean readOnly,
    @DefaultValue("false") boolean payloads,
    @DefaultValue Set<String> hosts,
    @Nullable String secret) {

  LeaseConsoleProperties {
    if (path == null
        && (role != null || readOnly || payloads || !hosts.isEmpty() || secret != null)) {
      throw new IllegalArgumentException(
          "lease.console.path is not set, so there is no console, and what else is set of lease.console does nothing: set the path, such as /lease, or leave the others out");
    }
  }

  @Override
  public String toString() {
    return "lease.console.path=" + path + ", role=" + role;
  }
}
