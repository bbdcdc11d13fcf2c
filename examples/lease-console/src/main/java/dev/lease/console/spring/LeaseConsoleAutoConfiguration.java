package dev.lease.console.spring;

import dev.lease.Backend;
import dev.lease.console.Access;
import dev.lease.console.Console;
import dev.lease.console.Guard;
import dev.lease.console.Redactor;
import jakarta.servlet.http.HttpServlet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;

/**
 * Spring Boot finds this by itself. In a web application with servlets it serves the console where
 * {@code lease.console.path} says, to those whom the application's security knows and who have the
 * {@code lease.console.role}. A bean of {@link Guard} takes the place of that role, and one of
 * {@link Redactor} takes secrets out. Properties begin with {@code lease.console}.
 */
@AutoConfiguration
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnBooleanProperty(name = "lease.enabled", matchIfMissing = true)
@EnableConfigurationProperties(LeaseConsoleProperties.class)
public final class LeaseConsoleAutoConfiguration {

  private static final Pattern PATH = Pattern.compile("(/[\\w.~-]+)+");

  /** Spring makes one. */
  LeaseConsoleAutoConfiguration() {}

  @Bean
  @ConditionalOnProperty("lease.console.path")
  ServletRegistrationBean<HttpServlet> leaseConsole(
      Backend backend,
      LeaseConsoleProperties properties,
      ObjectProvider<Guard> guard,
      ObjectProvider<Redactor> redactor) {
    String path = path(properties.path());
    Console.Builder console = Console.on(backend);
    Guard own = guard.getIfAvailable();
    if (own != null) {
      console.access(own);
    } else {
      console.role(role(properties.role()), Access.CHANGE);
    }
    properties.hosts().forEach(console::allowHost);
    redactor.ifAvailable(console::redactor);
    if (properties.secret() != null) {
      console.secret(properties.secret());
    }
    if (properties.readOnly()) {
      console.readOnly();
    }
    if (properties.payloads()) {
      console.showPayloads();
    }
    var servlet = new ServletRegistrationBean<HttpServlet>(console.servlet(), path + "/*");
    servlet.setName("leaseConsole");
    return servlet;
  }

  private static String role(@Nullable String role) {
    if (role == null || role.isBlank()) {
      throw new IllegalStateException(
          "lease.console.path is set, but it is not said who may see the console: set"
              + " lease.console.role to a role of the application's operators, or declare a bean of "
              + Guard.class.getName());
    }
    return role;
  }

  private static String path(@Nullable String path) {
    if (path == null || !PATH.matcher(path).matches()) {
      throw new IllegalStateException(
          "lease.console.path must begin with / and not end with it, such as /lease, was " + path);
    }
    return path;
  }
}
