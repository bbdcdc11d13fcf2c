package dev.lease.jdbc.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.Backend;
import dev.lease.ClaimRequest;
import dev.lease.JobLease;
import dev.lease.NewJob;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.ResourceTransactionManager;
import org.springframework.transaction.support.SimpleTransactionStatus;

/** On Spring Boot 3, and by profile "spring-boot-4" on the next major. */
@Tag("spring")
class StepsManagerTest {

  @TempDir Path folder;

  @Configuration
  @EnableAutoConfiguration
  static class Shop {}

  /** As that of Kafka's, JMS's and MongoDB's: it begins nothing on a {@code DataSource}. */
  static class OfMessages implements ResourceTransactionManager {

    @Override
    public Object getResourceFactory() {
      return this;
    }

    @Override
    public TransactionStatus getTransaction(@Nullable TransactionDefinition definition) {
      return new SimpleTransactionStatus();
    }

    @Override
    public void commit(TransactionStatus status) {}

    @Override
    public void rollback(TransactionStatus status) {}
  }

  /** As one of the application's around another, which does not tell on what it is. */
  static class Around implements PlatformTransactionManager {

    private final PlatformTransactionManager real;

    Around(PlatformTransactionManager real) {
      this.real = real;
    }

    @Override
    public TransactionStatus getTransaction(@Nullable TransactionDefinition definition) {
      return real.getTransaction(definition);
    }

    @Override
    public void commit(TransactionStatus status) {
      real.commit(status);
    }

    @Override
    public void rollback(TransactionStatus status) {
      real.rollback(status);
    }
  }

  /** As that of JPA's: its resource is an EntityManagerFactory, and it has a DataSource or none. */
  static class OfEntities extends Around implements ResourceTransactionManager {

    private final @Nullable DataSource dataSource;

    OfEntities(@Nullable DataSource dataSource, DataSource real) {
      super(new JdbcTransactionManager(real));
      this.dataSource = dataSource;
    }

    @Override
    public Object getResourceFactory() {
      return "an EntityManagerFactory";
    }

    public @Nullable DataSource getDataSource() {
      return dataSource;
    }
  }

  @Configuration
  static class Messages {

    @Bean
    @Primary
    PlatformTransactionManager messages() {
      return new OfMessages();
    }
  }

  @Configuration
  static class Entities {

    @Bean
    PlatformTransactionManager entities(DataSource shop) {
      return new OfEntities(shop, shop);
    }
  }

  @Configuration
  static class EntitiesOfAnUnknownDatabase {

    @Bean
    PlatformTransactionManager unknown(DataSource shop) {
      return new OfEntities(null, shop);
    }
  }

  @Configuration
  static class Rows {

    @Bean
    PlatformTransactionManager rows(DataSource shop) {
      return new JdbcTransactionManager(new TransactionAwareDataSourceProxy(shop));
    }
  }

  @Configuration
  static class PrimaryRows {

    @Bean
    @Primary
    PlatformTransactionManager primaryRows(DataSource shop) {
      return new JdbcTransactionManager(shop);
    }
  }

  @Configuration
  static class Wrapper {

    @Bean
    PlatformTransactionManager wrapper(DataSource shop) {
      return new Around(new JdbcTransactionManager(shop));
    }
  }

  @Configuration
  static class OtherDatabase {

    @Bean
    PlatformTransactionManager stock() {
      return new JdbcTransactionManager(new DriverManagerDataSource("jdbc:sqlite::memory:"));
    }
  }

  /** Found by nobody who does not name it, as Spring Boot advises for a second database. */
  @Configuration
  static class SecondDatabase {

    @Bean(defaultCandidate = false)
    DataSource jobs(Environment environment) {
      return new DriverManagerDataSource(environment.getRequiredProperty("jobs.url"));
    }

    @Bean(defaultCandidate = false)
    PlatformTransactionManager ofJobs(@Qualifier("jobs") DataSource jobs) {
      return new JdbcTransactionManager(jobs);
    }
  }

  private ApplicationContextRunner shops(Class<?>... more) {
    return new ApplicationContextRunner()
        .withUserConfiguration(Shop.class)
        .withUserConfiguration(more)
        .withPropertyValues(
            "spring.datasource.url=jdbc:sqlite:" + folder.resolve("shop.db"),
            "spring.flyway.enabled=false",
            "spring.liquibase.enabled=false");
  }

  private void takes(String bean, Class<?>... more) {
    shops(more)
        .run(
            shop ->
                assertThat(shop.getBean(SpringSteps.class).manager()).isSameAs(shop.getBean(bean)));
  }

  private void refuses(String words, Class<?>... more) {
    shops(more)
        .run(
            shop -> {
              assertThat(shop).hasNotFailed();
              assertThatThrownBy(() -> shop.getBean(SpringSteps.class))
                  .hasStackTraceContaining(words)
                  .hasStackTraceContaining("declare a bean SpringSteps");
            });
  }

  @Test
  void theOneOnTheDataSourceOfTheStore() {
    takes("rows", Rows.class, Messages.class);
    takes("rows", Rows.class, OtherDatabase.class);
    takes("rows", Rows.class, Wrapper.class);
    takes("entities", Entities.class, Messages.class);
    takes("entities", Entities.class, OtherDatabase.class, Wrapper.class);
  }

  @Test
  void thePrimaryOneOfSeveral() {
    takes("primaryRows", Rows.class, PrimaryRows.class, Entities.class);
    refuses("entities, rows", Rows.class, Entities.class);
    refuses("entities, rows", Rows.class, Entities.class, Messages.class);
  }

  @Test
  void oneThatDoesNotTellIfNoneIsKnown() {
    takes("wrapper", Wrapper.class, Messages.class);
    takes("wrapper", Wrapper.class, OtherDatabase.class, EntitiesOfAnUnknownDatabase.class);
  }

  @Test
  void noneOnSomethingElse() {
    refuses("[messages]", Messages.class);
    refuses("[stock]", OtherDatabase.class);
    refuses("[unknown]", EntitiesOfAnUnknownDatabase.class);
  }

  @Test
  void oneThatIsFoundOnlyByItsName() {
    shops(SecondDatabase.class)
        .withPropertyValues(
            "lease.jdbc.data-source=jobs", "jobs.url=jdbc:sqlite:" + folder.resolve("jobs.db"))
        .run(
            shop ->
                assertThat(shop.getBean(SpringSteps.class).manager())
                    .isSameAs(shop.getBean("ofJobs")));
  }

  @Test
  void oneOfTheContextAbove() {
    shops(Rows.class, Messages.class)
        .withPropertyValues("lease.enabled=false")
        .run(
            above ->
                new ApplicationContextRunner()
                    .withParent(above)
                    .withUserConfiguration(Shop.class)
                    .withPropertyValues(
                        "lease.enabled=true",
                        "spring.flyway.enabled=false",
                        "spring.liquibase.enabled=false")
                    .run(
                        shop ->
                            assertThat(shop.getBean(SpringSteps.class).manager())
                                .isSameAs(above.getBean("rows"))));
  }

  @Test
  void aStepIsCommittedBesideAPrimaryManagerOfMessages() {
    shops(Entities.class, Messages.class)
        .run(
            shop -> {
              JobLease lease = claimed(shop);

              shop.getBean(SpringSteps.class).run(lease, "book", connection -> "\"b-1\"");
              assertThat(shop.getBean(Backend.class).jobQueue().checkpoints(lease))
                  .hasValue(Map.of("book", "\"b-1\""));
            });
  }

  private static JobLease claimed(AssertableApplicationContext shop) {
    Backend backend = shop.getBean(Backend.class);
    backend.jobQueue().enqueue(List.of(NewJob.builder("orders", "1", "place", "{}").build()));
    return backend
        .jobQueue()
        .claim(ClaimRequest.of("orders", "worker", 1, Duration.ofMinutes(1)))
        .jobs()
        .get(0)
        .lease();
  }
}
