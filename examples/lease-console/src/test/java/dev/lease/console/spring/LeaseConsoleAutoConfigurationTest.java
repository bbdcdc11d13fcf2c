package dev.lease.console.spring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.Backend;
import dev.lease.Job;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.console.Access;
import dev.lease.console.Guard;
import dev.lease.console.Redactor;
import dev.lease.console.Viewer;
import dev.lease.testkit.InMemoryBackend;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;

/** On Spring Boot 3, and by profile "spring-boot-4" on the next major. */
@Tag("spring")
class LeaseConsoleAutoConfigurationTest {

  private static final Pattern TOKEN = Pattern.compile("name=\"token\" value=\"([\\w-]+)\"");

  @Configuration
  @EnableAutoConfiguration
  static class Shop {

    @Bean
    Backend store() {
      return new InMemoryBackend(InstantSource.system());
    }

    @Bean
    Redactor redactor() {
      return text -> text.replace("4711", "****");
    }

    @Bean
    SecurityFilterChain security(HttpSecurity http) throws Exception {
      return http.authorizeHttpRequests(all -> all.anyRequest().authenticated())
          .httpBasic(Customizer.withDefaults())
          .csrf(csrf -> csrf.ignoringRequestMatchers("/lease/**"))
          .build();
    }

    @Bean
    UserDetailsService users() {
      return new InMemoryUserDetailsManager(
          User.withUsername("anna").password("{noop}secret").roles("OPERATOR").build(),
          User.withUsername("carl").password("{noop}secret").roles("CUSTOMER").build());
    }
  }

  private static ConfigurableApplicationContext start(String... properties) {
    return start(List.of(), properties);
  }

  private static ConfigurableApplicationContext start(List<Class<?>> more, String... properties) {
    SpringApplication shop = new SpringApplication(Shop.class);
    shop.addPrimarySources(more);
    shop.setRegisterShutdownHook(false);
    return shop.run(
        Stream.concat(
                Stream.of(
                    "server.port=0",
                    "spring.main.banner-mode=off",
                    // The next major has it on the class path, and no driver for it.
                    "spring.autoconfigure.exclude=org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration"),
                Stream.of(properties))
            .map(property -> "--" + property)
            .toArray(String[]::new));
  }

  @Test
  @DisplayName("two properties: the console is behind the application's own security")
  void isServed() throws Exception {
    try (ConfigurableApplicationContext shop =
        start(
            "server.servlet.context-path=/shop",
            "lease.console.path=/lease",
            "lease.console.role=OPERATOR",
            "lease.console.payloads=true")) {
      Backend store = shop.getBean(Backend.class);
      store
          .jobQueue()
          .enqueue(List.of(NewJob.builder("orders", "1", "place", "card 4711").build()));
      String base = base(shop) + "/shop";

      assertThat(get(base + "/lease/", "nobody").statusCode()).isEqualTo(401);
      assertThat(get(base + "/lease/", "carl").statusCode()).isEqualTo(403);
      HttpResponse<String> overview = get(base + "/lease", "anna");
      assertThat(overview.statusCode()).isEqualTo(200);
      assertThat(overview.body()).contains("Overview", "anna", "\"/shop/lease/console.js\"");
      assertThat(get(base + "/lease/console.js", "anna").statusCode()).isEqualTo(200);

      HttpResponse<String> job = get(base + "/lease/job?queue=orders&id=1", "anna");
      assertThat(job.body()).contains("card ****");
      Matcher token = TOKEN.matcher(job.body());
      assertThat(token.find()).isTrue();
      String form = "queue=orders&id=1&reason=test&token=" + token.group(1);
      assertThat(post(base + "/lease/job/cancel", "carl", form).statusCode()).isEqualTo(403);
      assertThat(post(base + "/lease/job/cancel", "anna", form).statusCode()).isEqualTo(303);
      assertThat(store.jobQueue().find("orders", "1").map(Job::state)).contains(JobState.CANCELLED);
    }
  }

  /** What the console knows of the viewer comes from a header. */
  @Configuration
  static class Guarded {

    @Bean
    Guard guard() {
      return request ->
          Optional.ofNullable(request.getHeader("As"))
              .map(name -> Viewer.of(name, Access.CHANGE).withPayloads());
    }
  }

  @Test
  @DisplayName("a guard of the application's, other names, one secret, reading only, no payloads")
  void isSet() throws Exception {
    try (ConfigurableApplicationContext shop =
        start(
            List.of(Guarded.class),
            "lease.console.path=/lease",
            "lease.console.read-only=true",
            "lease.console.hosts=shop.example",
            "lease.console.secret=0123456789abcdef")) {
      Backend store = shop.getBean(Backend.class);
      store
          .jobQueue()
          .enqueue(List.of(NewJob.builder("orders", "1", "place", "card 4711").build()));
      String console = base(shop) + "/lease";
      assertThat(get(console + "/jobs", "anna").statusCode()).as("no header").isEqualTo(403);
      HttpResponse<String> job =
          send(request(console + "/job?queue=orders&id=1", "anna").header("As", "bob").build());
      assertThat(job.body())
          .contains("bob, reading only", "are hidden here")
          .doesNotContain("card", "<form class=\"act\"");
      assertThat(
              send(request(console + "/job/cancel", "anna")
                      .header("As", "bob")
                      .header("Content-Type", "application/x-www-form-urlencoded")
                      .POST(HttpRequest.BodyPublishers.ofString("queue=orders&id=1&reason=x"))
                      .build())
                  .body())
          .contains("for reading only");
      assertThat(status(shop, "Shop.Example")).isEqualTo(200);
      assertThat(status(shop, "other.example")).isEqualTo(421);
      assertThat(shop.getBean(LeaseConsoleProperties.class).toString()).doesNotContain("0123");
    }
  }

  /** The JDK's client sends no other Host. */
  private static int status(ConfigurableApplicationContext shop, String host) throws IOException {
    URI at = URI.create(base(shop));
    try (Socket socket = new Socket(at.getHost(), at.getPort())) {
      String credentials = Base64.getEncoder().encodeToString("anna:secret".getBytes(UTF_8));
      socket
          .getOutputStream()
          .write(
              "GET /lease/jobs HTTP/1.1\r\nHost: %s\r\nAs: bob\r\nAuthorization: Basic %s\r\nConnection: close\r\n\r\n"
                  .formatted(host, credentials)
                  .getBytes(UTF_8));
      String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
      return Integer.parseInt(answer.substring(9, 12));
    }
  }

  private static String base(ConfigurableApplicationContext shop) {
    return "http://localhost:" + shop.getBeanFactory().resolveEmbeddedValue("${local.server.port}");
  }

  @Test
  @DisplayName("without a path there is no console")
  void isOff() {
    try (ConfigurableApplicationContext shop = start()) {
      assertThat(shop.containsBean("leaseConsole")).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "lease.console.path=/lease, set lease.console.role",
    "lease.console.path=/, must begin with / and not end with it",
    "lease.console.pth=/lease, lease.console.pth",
    "lease.console.read-only=true, lease.console.path is not set",
    "lease.console.hosts=shop.example, lease.console.path is not set",
  })
  void refuses(String property, String words) {
    assertThatThrownBy(() -> start(property).close())
        .satisfies(e -> assertThat(causes(e)).contains(words));
  }

  private static String causes(Throwable e) {
    return e + (e.getCause() == null ? "" : "\n" + causes(e.getCause()));
  }

  private static HttpResponse<String> get(String url, String user) throws Exception {
    return send(request(url, user).build());
  }

  private static HttpResponse<String> post(String url, String user, String form) throws Exception {
    return send(
        request(url, user)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(form))
            .build());
  }

  private static HttpRequest.Builder request(String url, String user) {
    String password = Base64.getEncoder().encodeToString((user + ":secret").getBytes(UTF_8));
    return HttpRequest.newBuilder(URI.create(url)).header("Authorization", "Basic " + password);
  }

  private static HttpResponse<String> send(HttpRequest request)
      throws IOException, InterruptedException {
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
  }
}
