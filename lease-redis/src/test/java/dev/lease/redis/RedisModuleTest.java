package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.inject.BindingAnnotation;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Key;
import com.google.inject.Stage;
import dev.lease.Admission;
import dev.lease.JobAdmin;
import dev.lease.JobQueue;
import dev.lease.LeaseStore;
import dev.lease.testkit.server.TestServers;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RedisModuleTest {

  @BindingAnnotation
  @Retention(RetentionPolicy.RUNTIME)
  @interface Orders {}

  private static RedisConfig config() {
    return RedisConfig.of(TestServers.redis()).withPrefix("test-" + UUID.randomUUID());
  }

  @Test
  void twoModulesLiveSideBySideWhenOneIsAnnotated() {
    Injector injector =
        Guice.createInjector(
            Stage.PRODUCTION, new RedisModule(config()), new RedisModule(config(), Orders.class));
    try (var plain = injector.getInstance(RedisBackend.class);
        var orders = injector.getInstance(Key.get(RedisBackend.class, Orders.class))) {
      assertThat(injector.getInstance(LeaseStore.class)).isSameAs(plain.leaseStore());
      assertThat(injector.getInstance(JobQueue.class)).isSameAs(plain.jobQueue());
      assertThat(injector.getInstance(JobAdmin.class)).isSameAs(plain.jobAdmin());
      assertThat(injector.getInstance(Admission.class)).isSameAs(plain.admission());
      LeaseStore store = injector.getInstance(Key.get(LeaseStore.class, Orders.class));
      assertThat(store).isSameAs(orders.leaseStore()).isNotSameAs(plain.leaseStore());
      assertThat(injector.getInstance(Key.get(JobQueue.class, Orders.class)))
          .isSameAs(orders.jobQueue());
      assertThat(injector.getInstance(Key.get(JobAdmin.class, Orders.class)))
          .isSameAs(orders.jobAdmin());
      assertThat(store.acquire("name", "me", Duration.ofSeconds(5))).isPresent();
      assertThat(plain.leaseStore().find("name")).isEmpty();
    }
  }
}
