package dev.lease.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.Proxy;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PasswordsTest {

  private static final Viewer ANNA = Viewer.of("anna", Access.CHANGE);

  private final AtomicLong now = new AtomicLong();

  @Test
  @DisplayName("after a wrong password its name waits a second at that address, be it known or not")
  void pause() {
    Passwords passwords = new Passwords(now::get);
    passwords.add(ANNA, "right");
    passwords.add(Viewer.of("bob", Access.READ), "right");
    assertThat(passwords.viewer(request("eve:x"))).isEmpty();
    assertIsLater(passwords, "eve:y");
    assertThat(passwords.viewer(request("anna:wrong"))).isEmpty();
    assertIsLater(passwords, "anna:right");
    assertThat(passwords.viewer(request("bob:right"))).as("behind the same proxy").isPresent();
    now.set(999_999_999);
    assertIsLater(passwords, "anna:right");
    assertThat(passwords.viewer(request("10.0.0.8", "anna:right"))).contains(ANNA);
    now.set(1_000_000_000);
    assertThat(passwords.viewer(request("anna:right"))).contains(ANNA);
    assertThat(passwords.viewer(request("anna:wrong"))).isEmpty();
    assertThat(passwords.viewer(request("anna:right"))).as("remembered").contains(ANNA);
  }

  @Test
  @DisplayName("one address with ever new names is not all that is heard")
  void fourNames() {
    Passwords passwords = new Passwords(now::get);
    passwords.add(ANNA, "right");
    for (int i = 0; i < 4; i++) {
      assertThat(passwords.viewer(request("10.0.0.66", "name" + i + ":x"))).isEmpty();
    }
    assertIsLater(passwords, "10.0.0.66", "name4:x");
    assertIsLater(passwords, "10.0.0.66", "anna:right");
    assertThat(passwords.viewer(request("10.0.0.6", "anna:right"))).contains(ANNA);
    now.set(1_000_000_000);
    assertThat(passwords.viewer(request("10.0.0.66", "name4:x"))).isEmpty();
  }

  @Test
  @DisplayName("while one password is tried, another is not, and does not wait")
  void oneAtATime() {
    AtomicLong tries = new AtomicLong();
    Passwords[] all = new Passwords[1];
    all[0] =
        new Passwords(
            () -> {
              if (tries.getAndIncrement() == 0) {
                CompletableFuture.runAsync(() -> assertIsLater(all[0], "bob:x")).join();
              }
              return 0;
            });
    all[0].add(ANNA, "right");
    assertThat(all[0].viewer(request("anna:wrong"))).isEmpty();
    assertThat(tries).hasPositiveValue();
  }

  private static void assertIsLater(Passwords passwords, String credentials) {
    assertIsLater(passwords, "10.0.0.7", credentials);
  }

  private static void assertIsLater(Passwords passwords, String address, String credentials) {
    assertThatThrownBy(() -> passwords.viewer(request(address, credentials)))
        .isInstanceOfSatisfying(Refusal.class, e -> assertThat(e.status()).isEqualTo(429));
  }

  private static HttpServletRequest request(String credentials) {
    return request("10.0.0.7", credentials);
  }

  private static HttpServletRequest request(String address, String credentials) {
    String header = "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(UTF_8));
    return (HttpServletRequest)
        Proxy.newProxyInstance(
            PasswordsTest.class.getClassLoader(),
            new Class<?>[] {HttpServletRequest.class},
            (proxy, method, args) -> method.getName().equals("getHeader") ? header : address);
  }
}
